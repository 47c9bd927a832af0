FROM --platform=$BUILDPLATFORM scratch
COPY data /data
