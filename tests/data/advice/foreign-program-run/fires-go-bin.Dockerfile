FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
ENV GOBIN=/out
WORKDIR /src
COPY . .
RUN GOARCH=$TARGETARCH CGO_ENABLED=0 go install ./...
FROM alpine:3.22
COPY --from=build /out /usr/local/bin
