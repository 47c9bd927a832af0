FROM alpine:3.22
ARG GOARCH=amd64
COPY dist/agent-linux-${GOARCH} /usr/local/bin/agent
