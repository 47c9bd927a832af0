FROM rust:1.91-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/tmp/target \
    # what cargo makes stays out of the image
    CARGO_TARGET_DIR=/tmp/target \
    cargo build --release && \
    strip /tmp/target/release/app && \
    cp /tmp/target/release/app /app
FROM debian:trixie-slim
COPY --from=build /app /usr/bin/app
