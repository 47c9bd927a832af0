FROM debian:trixie
RUN apt-get update && [ "$(dpkg --print-architecture)" = amd64 ] && apt-get install -y intel-gpu-tools
