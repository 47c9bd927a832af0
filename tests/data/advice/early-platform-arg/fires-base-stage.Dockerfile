FROM --platform=$BUILDPLATFORM rust:1.90 AS base
ARG TARGETARCH
RUN apt-get update && apt-get install -y clang lld
FROM base AS deps
COPY Cargo.toml Cargo.lock ./
RUN cargo fetch
FROM deps AS build
COPY . .
RUN ./build.sh $TARGETARCH
FROM debian:trixie-slim
COPY --from=build /out/app /usr/local/bin/app
