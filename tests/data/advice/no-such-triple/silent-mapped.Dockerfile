FROM --platform=$BUILDPLATFORM rust:1.90 AS build
ARG TARGETARCH
COPY . .
RUN case $TARGETARCH in amd64) arch=x86_64 ;; *) arch=aarch64 ;; esac && rustup target add $arch-unknown-linux-musl
FROM scratch
COPY --from=build /out /out
