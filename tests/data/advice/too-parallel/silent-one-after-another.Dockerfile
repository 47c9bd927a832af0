FROM rust:1.90 AS s
RUN cargo install tool-0
RUN cargo install tool-1
RUN cargo install tool-2
RUN cargo install tool-3
RUN cargo install tool-4
RUN cargo install tool-5
FROM debian:trixie-slim
COPY --from=s /usr/local/cargo/bin/ /usr/bin/
