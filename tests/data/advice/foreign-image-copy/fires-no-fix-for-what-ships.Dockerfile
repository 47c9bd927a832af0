FROM --platform=$BUILDPLATFORM alpine:3.22 AS tools
COPY --from=ghcr.io/acme/tool:2 /tool /out/tool
RUN /out/tool --self-test > /out/report
FROM alpine:3.22
COPY --from=tools /out /usr/local/bin
