FROM --platform=$BUILDPLATFORM alpine AS a
RUN true
FROM alpine:3.22 AS alpine
COPY --from=a /etc/passwd /x
