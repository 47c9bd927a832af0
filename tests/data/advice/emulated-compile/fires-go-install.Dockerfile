FROM golang:1.25 AS build
COPY . .
RUN go install -trimpath ./cmd/app
FROM alpine:3.22
COPY --from=build /go/bin/app /app
