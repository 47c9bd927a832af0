FROM debian:trixie-slim
ARG TARGETARCH
RUN apt-get update && apt-get install -y curl
RUN case $TARGETARCH in amd64) arch=x86_64 ;; *) arch=aarch64 ;; esac && \
    curl -fsSLo /usr/local/bin/tool https://example.com/v2/tool-linux-$arch
