FROM --platform=$BUILDPLATFORM alpine:3.22 AS fetch
ARG TARGETARCH
RUN wget -O /bin/tool https://example.com/tool_linux_$TARGETARCH && chmod +x /bin/tool && test -s /bin/tool
FROM alpine:3.22
COPY --from=fetch /bin/tool /bin/tool
RUN tool --version
