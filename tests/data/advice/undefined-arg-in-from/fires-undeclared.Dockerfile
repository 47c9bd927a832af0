FROM alpine:3.22$SUFFIX
FROM --platform=${BUILDPLATFROM:-linux/amd64} alpine:3.22
