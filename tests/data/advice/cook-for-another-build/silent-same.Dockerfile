FROM --platform=$BUILDPLATFORM rust:1.90 AS build
WORKDIR /app
ARG TARGETARCH
RUN case $TARGETARCH in amd64) echo x86_64 ;; *) echo aarch64 ;; esac > /arch
COPY recipe.json .
RUN cargo chef cook --release --target $(cat /arch)-unknown-linux-gnu --recipe-path recipe.json
COPY . .
RUN cargo build --release --target $(cat /arch)-unknown-linux-gnu
FROM debian:trixie
COPY --from=build /app/target/release/app /app
