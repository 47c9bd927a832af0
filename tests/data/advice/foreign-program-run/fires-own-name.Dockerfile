FROM --platform=$BUILDPLATFORM debian:trixie AS gen
ARG TARGETARCH
WORKDIR /gen
RUN curl -fsSLO https://example.com/tool-linux-$TARGETARCH && chmod +x tool-linux-$TARGETARCH && ./tool-linux-$TARGETARCH > list.txt
FROM alpine:3.22
COPY --from=gen /gen/list.txt /list.txt
