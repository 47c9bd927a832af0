FROM golang:1.25-alpine AS build
COPY . .
RUN go build -ldflags "-linkmode external -extldflags -static" -o /app .
FROM scratch
COPY --from=build /app /app
