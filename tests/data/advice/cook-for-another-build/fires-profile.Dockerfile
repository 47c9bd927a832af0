FROM rust:1.90 AS build
WORKDIR /app
COPY recipe.json .
RUN cargo chef cook --recipe-path recipe.json
COPY . .
RUN cargo build --release
FROM debian:trixie
COPY --from=build /app/target/release/app /app
