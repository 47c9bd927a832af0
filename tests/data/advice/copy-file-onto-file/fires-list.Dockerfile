FROM golang:1.25
WORKDIR /src
ADD --chown=1000 ["go.mod", "go.sum"]
RUN go mod download
