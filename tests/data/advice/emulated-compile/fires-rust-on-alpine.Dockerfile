FROM rust:1.90-alpine AS build
WORKDIR /src
COPY . .
RUN cargo build --release
FROM alpine:3.22
COPY --from=build /src/target/release/app /usr/local/bin/app
