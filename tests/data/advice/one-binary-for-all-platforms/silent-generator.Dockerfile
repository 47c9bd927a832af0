FROM --platform=$BUILDPLATFORM golang:1.25 AS generate
COPY . .
RUN go build -o /bin/gen ./cmd/gen && /bin/gen > /data.json
FROM alpine:3.22
COPY --from=generate /data.json /data.json
