FROM alpine:3.22
RUN wget -O /tool "https://example.com/tool-$TARGET_ARCH"
