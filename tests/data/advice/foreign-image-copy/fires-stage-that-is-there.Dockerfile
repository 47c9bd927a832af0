FROM --platform=$BUILDPLATFORM busybox:1.37 AS box
FROM --platform=$BUILDPLATFORM scratch AS nothing
FROM --platform=$BUILDPLATFORM alpine:3.22 AS build
COPY --from=busybox:1.37 /bin/busybox /usr/local/bin/bb
RUN bb wget -O /data.json https://example.com/data.json
FROM scratch
COPY --from=build /data.json /data.json
