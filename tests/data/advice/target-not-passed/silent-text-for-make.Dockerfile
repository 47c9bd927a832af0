FROM --platform=$BUILDPLATFORM golang:1.25 AS build
COPY . .
ARG TARGETARCH
RUN GOARCH=$TARGETARCH; GO_VARS="GOARCH=$GOARCH" make bin/app
FROM scratch
COPY --from=build /go/bin/app /app
