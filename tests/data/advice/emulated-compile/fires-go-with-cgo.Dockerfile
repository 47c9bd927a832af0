FROM golang:1.25 AS build
COPY . .
RUN CGO_ENABLED=1 go build -o /app .
FROM debian:trixie-slim
COPY --from=build /app /usr/local/bin/app
