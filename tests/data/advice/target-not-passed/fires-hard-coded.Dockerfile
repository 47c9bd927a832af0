FROM golang:1.25 AS build
COPY . .
ENV CGO_ENABLED=0 GOOS=linux GOARCH=amd64
RUN go build -o /app .
FROM alpine:3.22
COPY --from=build /app /usr/local/bin/app
