FROM alpine:3.22
RUN ["echo", "$TARGETARCH"]
COPY <<'note' /note
On $TARGETARCH.
note
RUN cat <<'note' >/other
On $TARGETARCH.
note
RUN true # $TARGETARCH
RUN true \
    # $TARGETARCH
    && true
