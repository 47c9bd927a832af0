FROM rust:1.90 AS build
WORKDIR /src
COPY . .
RUN cargo build --release
FROM debian:trixie-slim
COPY --from=build /src/target/release/app /usr/local/bin/app
