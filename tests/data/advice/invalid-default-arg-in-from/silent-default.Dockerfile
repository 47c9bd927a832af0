ARG TAG=3.21
FROM alpine:$TAG
RUN apk add git
