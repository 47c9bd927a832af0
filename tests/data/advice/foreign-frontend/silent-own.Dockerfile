# syntax=mirror.example:5000/docker/dockerfile:1
FROM alpine:3.22
RUN <<EOF
apk add git
EOF
