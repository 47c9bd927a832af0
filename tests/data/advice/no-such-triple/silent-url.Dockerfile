FROM alpine:3.22
ARG TARGETARCH
RUN wget https://example.com/$TARGETARCH-linux-gnu/tool.tgz
