FROM golang:1.25 AS build
COPY . .
ENV CGO_ENABLED=0
RUN go mod download && go build -o /app .
FROM scratch
COPY --from=build /app /app
