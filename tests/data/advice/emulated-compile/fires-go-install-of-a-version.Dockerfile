FROM golang:1.25 AS build
RUN go install example.com/tool@v1.2.3
FROM alpine:3.22
COPY --from=build /go/bin/tool /tool
