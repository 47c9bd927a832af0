FROM debian:trixie
ARG TARGETARCH
RUN apt-get update && apt-get install -y libjemalloc2
ENV LD_PRELOAD=/usr/lib/${TARGETARCH}-linux-gnu/libjemalloc.so.2
