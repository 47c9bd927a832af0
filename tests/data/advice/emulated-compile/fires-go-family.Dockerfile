FROM golang:1.25 AS base
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
FROM base AS build
COPY . .
RUN CGO_ENABLED=0 go build -o /out/app ./cmd/app
FROM gcr.io/distroless/static
COPY --from=build /out/app /app
