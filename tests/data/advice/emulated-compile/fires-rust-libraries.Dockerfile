FROM rust:1.91 AS build
RUN apt-get update && apt-get install -y pkg-config libssl-dev
WORKDIR /src
COPY . .
RUN cargo install cargo-auditable && cargo auditable --version && cargo build --release && cp target/release/app /app
FROM debian:trixie-slim
COPY --from=build /app /usr/bin/app
