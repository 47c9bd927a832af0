ARG TARGETARCH
FROM debian:trixie AS base-amd64
FROM base-$TARGETARCH
RUN apt-get update
