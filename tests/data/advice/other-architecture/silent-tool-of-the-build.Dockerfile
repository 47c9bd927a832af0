FROM --platform=$BUILDPLATFORM golang:1.25 AS build
RUN curl -fsSLo /usr/local/bin/gen https://example.com/gen-linux-amd64 && chmod +x /usr/local/bin/gen
COPY . .
RUN gen > /data.json
FROM scratch
COPY --from=build /data.json /data.json
