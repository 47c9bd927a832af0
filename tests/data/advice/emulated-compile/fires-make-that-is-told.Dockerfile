FROM golang:1.25 AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY . .
RUN make build GOOS=$TARGETOS GOARCH=$TARGETARCH
FROM scratch
COPY --from=build /src/bin/app /app
