# syntax=docker/dockerfile:1.2
FROM alpine:3.22
RUN <<EOF
apk add git
EOF
