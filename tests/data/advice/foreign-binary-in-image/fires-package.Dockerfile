FROM --platform=$BUILDPLATFORM alpine:3.22 AS tools
RUN apk add --no-cache curl ca-certificates
FROM alpine:3.22
COPY --from=tools /etc/ssl/certs /etc/ssl/certs
COPY --from=tools /usr/bin/curl /usr/bin/curl
