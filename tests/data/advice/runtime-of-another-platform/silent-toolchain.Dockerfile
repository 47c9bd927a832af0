FROM --platform=$BUILDPLATFORM golang:1.25
WORKDIR /app
ENTRYPOINT /bin/sh -c "go generate ./..."
