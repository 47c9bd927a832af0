FROM golang:1.25 AS build
WORKDIR /src
COPY . /src
RUN go mod download && CGO_ENABLED=0 go build -o /app .
FROM scratch
COPY --from=build /app /app
