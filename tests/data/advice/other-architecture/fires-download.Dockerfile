FROM debian:trixie-slim
RUN apt-get update && apt-get install -y curl
RUN curl -fsSL https://example.com/v2/tool-linux-x86_64.tar.gz | tar -xz -C /usr/local/bin
