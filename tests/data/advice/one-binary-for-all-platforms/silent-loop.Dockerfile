FROM --platform=$BUILDPLATFORM golang:1.25 AS build
COPY . .
RUN for arch in amd64 arm64; do CGO_ENABLED=0 GOARCH=$arch go build -o /out/$arch/app . ; done
FROM scratch
ARG TARGETARCH
COPY --from=build /out/$TARGETARCH/app /app
