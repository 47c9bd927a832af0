FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
COPY . .
RUN CC=${TARGETARCH}-linux-musl-gcc CGO_ENABLED=1 GOARCH=$TARGETARCH go build -o /app .
FROM scratch
COPY --from=build /app /app
