FROM --platform=$BUILDPLATFORM alpine:3.22 AS collect
COPY --from=ghcr.io/acme/tool:2 /tool /out/tool
RUN echo 2 > /out/version
FROM alpine:3.22
COPY --from=collect /out /usr/local/bin
