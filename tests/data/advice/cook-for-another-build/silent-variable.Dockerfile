FROM rust:1.90 AS build
WORKDIR /app
ENV CARGO_BUILD_TARGET=x86_64-unknown-linux-gnu
COPY recipe.json .
RUN cargo chef cook --release --recipe-path recipe.json
COPY . .
RUN cargo build --release --bins
FROM debian:trixie
COPY --from=build /app/target/x86_64-unknown-linux-gnu/release/app /app
