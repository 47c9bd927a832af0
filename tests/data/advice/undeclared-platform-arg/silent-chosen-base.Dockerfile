ARG FLAVOUR=small
FROM alpine:3.22 AS base-small
ARG TARGETARCH
FROM base-small AS base-large
RUN apk add --no-cache git
FROM base-${FLAVOUR}
RUN wget -O /tool https://example.com/tool-$TARGETARCH
