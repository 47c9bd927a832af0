ARG BASE=tools
FROM debian:trixie AS tools
RUN apt-get update
FROM --platform=$BUILDPLATFORM $BASE AS build
RUN make
