FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG BUILDARCH
RUN curl -fsSLo /bin/buf https://example.com/buf-linux-$BUILDARCH && chmod +x /bin/buf
WORKDIR /src
COPY . .
RUN buf generate && go run ./gen && go test ./...
ARG TARGETARCH
RUN GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /app . && GOARCH=$TARGETARCH go vet ./...
RUN [ "$TARGETARCH" != amd64 ] || /app --version
FROM scratch
COPY --from=build /app /app
