FROM debian:trixie
ONBUILD ARG TARGETARCH
ONBUILD RUN --mount=type=cache,target=/var/cache/apt,id=apt-$TARGETARCH,sharing=locked apt-get update
