# What runs.
FROM --platform=${TARGETPLATFORM} alpine:3.22 AS run
RUN apk add --no-cache tzdata
