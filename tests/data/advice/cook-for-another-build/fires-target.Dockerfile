FROM --platform=$BUILDPLATFORM rust:1.90 AS build
WORKDIR /app
RUN cargo install cargo-chef
COPY recipe.json .
RUN cargo chef cook --release --recipe-path recipe.json
COPY . .
ARG TARGETARCH
RUN case $TARGETARCH in amd64) t=x86_64 ;; *) t=aarch64 ;; esac && cargo build --release --target $t-unknown-linux-gnu && cp target/*/release/app /app
FROM debian:trixie
COPY --from=build /app /app
