FROM alpine:3.22
RUN apk add git
FROM alpine:3.22 AS unused
