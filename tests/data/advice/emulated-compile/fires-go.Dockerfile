FROM golang:1.25 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# The program.
RUN CGO_ENABLED=0 go build -o /app .
FROM scratch
COPY --from=build /app /app
