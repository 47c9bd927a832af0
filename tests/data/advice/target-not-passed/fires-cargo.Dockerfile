FROM --platform=$BUILDPLATFORM rust:1.90 AS build
WORKDIR /src
ARG TARGETARCH
COPY . .
RUN echo $TARGETARCH > /arch
RUN cargo build --release
FROM debian:trixie-slim
COPY --from=build /src/target/release/app /usr/local/bin/app
