FROM debian:trixie
ARG TARGETARCH
RUN --mount=type=cache,target=/var/cache/apt,id=apt-$TARGETARCH,sharing=locked apt-get update && apt-get install -y git
