FROM --platform=$BUILDPLATFORM rust:1.90 AS build
WORKDIR /src
COPY . .
RUN cargo build --release
FROM debian:trixie-slim AS collect
COPY --from=build /src/target/release/app /opt/app
FROM debian:trixie-slim
COPY --from=collect /opt/app /usr/local/bin/app
