FROM alpine:3.22
RUN ["/bin/sh", "-ec", "wget -O /tool https://example.com/tool-$TARGETARCH"]
FROM alpine:3.22 AS other
RUN <<'script'
wget -O /tool https://example.com/tool-$TARGETARCH
script
FROM other
COPY <<note /note
On ${TARGETARCH}.
note
