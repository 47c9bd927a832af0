FROM --platform=$BUILDPLATFORM golang:1.25 AS generator
RUN go build -o /out/generator .
FROM --platform=$BUILDPLATFORM alpine:3.22
COPY --from=generator /out/generator /usr/bin/
RUN generator
