FROM debian:trixie
ARG TARGETARCH
RUN apt-get update && apt-get install -y curl
RUN curl -fsSLo /tool https://example.com/tool-$TARGETARCH
