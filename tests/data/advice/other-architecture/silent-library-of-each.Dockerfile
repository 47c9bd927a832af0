FROM debian:trixie
ENV LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu:/usr/lib/aarch64-linux-gnu
RUN apt-get update && apt-get install -y libjemalloc2 && ln -s /usr/lib/*-linux-gnu/libjemalloc.so.2 /usr/lib/
