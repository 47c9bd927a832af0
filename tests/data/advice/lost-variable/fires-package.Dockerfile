FROM alpine:3.22
ARG TARGETARCH
ARG PACKAGE=tool-x86_64
RUN if [ "$TARGETARCH" = arm64 ]; then PACKAGE=tool-arm64; fi
RUN wget https://example.com/$PACKAGE
