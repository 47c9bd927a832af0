FROM --platform=$BUILDPLATFORM registry.access.redhat.com/ubi10/go-toolset:1.26 AS build
ARG TARGETOS TARGETARCH
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH cd operator && go build -o manager ./cmd
FROM registry.access.redhat.com/ubi9/ubi-micro
COPY --from=build /opt/app-root/src/operator/manager /manager
ENTRYPOINT ["/manager"]
