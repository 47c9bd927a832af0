FROM debian:trixie AS layout
RUN apt-get update && apt-get install -y libjemalloc2
FROM gcr.io/distroless/cc-debian12
COPY --from=layout /usr/lib/x86_64-linux-gnu/libjemalloc.so.2 /usr/lib/libjemalloc.so.2
