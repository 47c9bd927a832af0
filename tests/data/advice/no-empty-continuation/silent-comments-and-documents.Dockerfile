FROM alpine:3.22
RUN apk add \
    # a comment
    git
RUN <<EOF
apk add

curl
EOF
