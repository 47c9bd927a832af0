FROM alpine:3.22
WORKDIR app
WORKDIR src
FROM scratch
WORKDIR app
