ARG DEPS=scratch
FROM --platform=$BUILDPLATFORM ${DEPS} AS deps
FROM alpine:3.22
COPY --from=deps / /deps
