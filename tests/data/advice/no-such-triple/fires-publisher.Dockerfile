FROM debian:trixie
ARG TARGETARCH
RUN curl -fsSL https://nodejs.org/dist/v22.1.0/node-v22.1.0-linux-${TARGETARCH}.tar.xz | tar -xJ -C /usr/local --strip-components=1
CMD ["node"]
