FROM --platform=$BUILDPLATFORM golang:1.25 AS build
WORKDIR /src
COPY . .
ARG TARGETOS TARGETARCH
RUN GOOS=${TARGETOS}; GOARCH=${TARGETARCH}; \
    make build
FROM alpine:3.22
COPY --from=build /src/bin/app /usr/local/bin/app
