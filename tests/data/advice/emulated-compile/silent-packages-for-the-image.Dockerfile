FROM registry.suse.com/bci/bci-micro:15.6 AS final
FROM registry.suse.com/bci/bci-base:15.6 AS builder
COPY --from=final / /chroot/
RUN zypper refresh && zypper --installroot /chroot -n in curl unzip && rm -rf /chroot/var/cache
FROM alpine:3.22 AS cuda
RUN wget https://example.com/keyring.deb && dpkg -i keyring.deb && apt-get install -y cuda-toolkit
FROM alpine:3.22 AS tools
WORKDIR /out
RUN apk add --no-cache curl jq && curl -fsSL -o words https://example.com/words && cp /usr/bin/jq /out/jq
FROM final
COPY --from=builder /chroot/ /
COPY --from=cuda /usr/local/cuda-12.6 /usr/local/cuda
COPY --from=tools /out /out
