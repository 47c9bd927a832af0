# context: linux/amd64/tool linux/arm64/tool
FROM alpine:3.22
COPY tool /usr/local/bin/tool
