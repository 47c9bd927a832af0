FROM --platform=$BUILDPLATFORM golang:1.25 AS build
COPY . .
ARG TARGETARCH
RUN case "$TARGETARCH" in arm64) GOARCH=arm64;; *) GOARCH=amd64;; esac; make bin/app
FROM scratch
COPY --from=build /go/bin/app /app
