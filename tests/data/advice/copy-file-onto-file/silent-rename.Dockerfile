FROM golang:1.25
WORKDIR /src
COPY config.example.json config.json
COPY go.mod go.sum ./
COPY go.mod other/go.mod
