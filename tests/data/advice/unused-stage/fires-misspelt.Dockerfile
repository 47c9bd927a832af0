FROM golang:1.25 AS compile
RUN go build -o /app .
FROM scratch
COPY --from=compiler /app /app
