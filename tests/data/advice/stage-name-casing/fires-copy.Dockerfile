FROM golang:1.25 AS Builder
RUN go build -o /app .
FROM scratch
COPY --from=Builder /app /app
