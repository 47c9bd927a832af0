FROM --platform=$BUILDPLATFORM debian:trixie-slim
ARG TARGETARCH
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl git
RUN curl -fsSLo /usr/local/bin/tool https://example.com/tool_linux_$TARGETARCH && chmod +x /usr/local/bin/tool
