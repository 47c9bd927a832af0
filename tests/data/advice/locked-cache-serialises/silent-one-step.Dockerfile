FROM --platform=$BUILDPLATFORM debian:trixie AS data
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get install -y git
RUN git clone https://example.com/data /data
FROM scratch
COPY --from=data /data /data
