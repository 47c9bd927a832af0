FROM rust:1.90 AS build
RUN cargo install --root /out miniserve --version 0.28.0
FROM debian:trixie-slim
COPY --from=build /out/bin/miniserve /usr/local/bin/
ENTRYPOINT ["miniserve"]
