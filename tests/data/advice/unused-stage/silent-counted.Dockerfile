FROM golang:1.25
RUN go build -o /app .
FROM alpine:3.22
COPY --from=0 /app /app
