FROM golang:1.22 AS build
ENV CGO_ENABLED=0
COPY . .
RUN /usr/local/go/bin/go build -o /app .
FROM alpine
COPY --from=build /app /app
