FROM golang:1.25 AS build
ENV CGO_ENABLED=0
COPY . .
RUN time go build -o /app .
FROM alpine:3.22
COPY --from=build /app /app
