FROM alpine:3.22
ADD https://example.com/tool_arm64.tgz /tmp/tool.tgz
