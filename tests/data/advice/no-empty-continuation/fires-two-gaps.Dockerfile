FROM alpine:3.22
RUN apk add \

    git \

    make
RUN <<EOF
a

b
EOF
