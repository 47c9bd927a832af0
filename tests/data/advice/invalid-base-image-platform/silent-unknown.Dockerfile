FROM debian:trixie
RUN apt-get update
FROM --platform=linux/s390x alpine:3.22
