ARG GOARCH=amd64
FROM alpine:3.22 AS data
RUN apk add --no-cache tzdata
FROM --platform=linux/${GOARCH} alpine:3.22
COPY --from=data /usr/share/zoneinfo /usr/share/zoneinfo
ENTRYPOINT ["/bin/sh"]
