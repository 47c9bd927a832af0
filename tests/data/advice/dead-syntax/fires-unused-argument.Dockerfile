FROM debian:trixie

# Not read.
ARG TARGETARCH
RUN apt-get update && apt-get install -y git
