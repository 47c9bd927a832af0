FROM --platform=$BUILDPLATFORM alpine:3.22 AS data
RUN apk add --no-cache ca-certificates tzdata
FROM scratch
COPY --from=data /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=data /usr/share/zoneinfo /usr/share/zoneinfo
