ARG TAG
FROM alpine:$TAG
RUN apk add git
