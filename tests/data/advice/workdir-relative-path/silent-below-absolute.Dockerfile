FROM alpine:3.22 AS base
WORKDIR /app
WORKDIR src
FROM base
WORKDIR more
