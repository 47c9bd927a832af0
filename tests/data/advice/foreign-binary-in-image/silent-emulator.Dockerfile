FROM --platform=$BUILDPLATFORM debian:trixie AS qemu
RUN apt-get update && apt-get install -y qemu-user-static
FROM debian:trixie
COPY --from=qemu /usr/bin/qemu-aarch64-static /usr/bin/
