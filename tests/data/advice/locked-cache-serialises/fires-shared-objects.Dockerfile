FROM rust:1.90 AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/src/target,id=app cargo build --release && cp target/release/app /app
FROM debian:trixie-slim
COPY --from=build /app /usr/local/bin/app
