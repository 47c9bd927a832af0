FROM golang:1.25 AS test
RUN go test ./...
FROM alpine:3.22
RUN true
