FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
RUN curl -fsSL https://go.dev/dl/go1.25.0.linux-$TARGETARCH.tar.gz | tar xz -C /target
WORKDIR /src
COPY . .
RUN GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /app .
FROM debian:trixie
COPY --from=build /target/go /usr/local/go
COPY --from=build /app /app
