FROM alpine:3.22
ARG TARGETARCH
RUN case $TARGETARCH in amd64) ARCH=x64 ;; *) ARCH=arm64 ;; esac && echo "ARCH=$ARCH" > /env
RUN . /env && wget https://example.com/tool-$ARCH
