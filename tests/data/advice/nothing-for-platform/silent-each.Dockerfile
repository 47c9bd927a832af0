FROM alpine:3.22
RUN case "$(uname -m)" in x86_64) A=amd64 ;; aarch64) A=arm64 ;; *) exit 1 ;; esac; wget -O /tool "https://example.com/tool-linux-$A"
RUN if [ "$(uname -m)" = x86_64 ]; then apk add intel-ucode; fi
RUN [ "$(uname -m)" != x86_64 ] || apk add intel-ucode
RUN test -n "$UNKNOWN" && echo "$(uname -m)"
