FROM --platform=$BUILDPLATFORM denoland/deno:2.1.4 AS build
ARG TARGETARCH
WORKDIR /app
COPY . .
RUN case $TARGETARCH in amd64) t=x86_64 ;; arm64) t=aarch64 ;; esac; deno compile --target $t-unknown-linux-gnu -o /out/app main.ts
FROM debian:trixie-slim
COPY --from=build /out/app /usr/bin/app
