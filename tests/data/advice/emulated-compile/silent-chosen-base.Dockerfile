ARG FLAVOUR=small
FROM ubuntu:24.04 AS base-small
RUN apt-get update && apt-get install -y curl && curl -fsSL -o /srv/words https://example.com/words
FROM base-$FLAVOUR AS next
RUN make
FROM alpine:3.22
COPY --from=next /srv/words /srv/words
