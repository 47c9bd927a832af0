FROM debian:trixie AS libs
FROM gcr.io/distroless/base
ARG TARGETARCH
COPY --from=libs /usr/lib/${TARGETARCH}-linux-gnu/libz.so.1 /lib/
