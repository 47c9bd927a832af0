FROM alpine:3.22
RUN apk add --no-cache curl
RUN curl -fsSLo /tool "https://example.com/tool-linux-${TARGETARCH}"
