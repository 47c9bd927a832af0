FROM --platform=$BUILDPLATFORM golang:1.25 AS build
WORKDIR /src
COPY . .
ARG TARGETARCH
RUN GOARCH=${TARGETARCH}; make build GOARCH=$GOARCH
FROM alpine:3.22
COPY --from=build /src/bin/app /usr/local/bin/app
