FROM debian:trixie
ONBUILD RUN --mount=type=cache,target=/var/cache/apt,id=apt-$TARGETARCH,sharing=locked apt-get update
