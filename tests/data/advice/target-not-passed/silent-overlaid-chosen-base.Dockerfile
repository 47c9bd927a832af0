FROM --platform=$BUILDPLATFORM tonistiigi/xx:golang AS xgo
FROM --platform=$BUILDPLATFORM golang:1.25 AS build-minimal
COPY --from=xgo / /
FROM build-minimal AS build-amd64
FROM build-minimal AS build-arm64
FROM build-$TARGETARCH AS build-base
FROM build-base AS build
ARG TARGETPLATFORM
RUN CGO_ENABLED=0 go build -o /out/app .
FROM scratch
COPY --from=build /out/app /app
