FROM alpine:3.22 AS base
FROM debian:trixie AS Base
FROM base
RUN x
