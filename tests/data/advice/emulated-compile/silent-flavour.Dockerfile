ARG FLAVOUR=slim
FROM golang:1.25 AS base-full
RUN apt-get update
FROM debian:trixie AS base-slim
FROM base-$FLAVOUR
CMD ["bash"]
