FROM --platform=linux/arm64 nvcr.io/nvidia/l4t-jetpack:r36.4.0 AS jetpack
RUN make
FROM scratch AS files-arm64
COPY --from=jetpack /lib/x /lib/x
FROM scratch AS files-amd64
FROM files-${TARGETARCH}
CMD ["x"]
