FROM golang:1.25-alpine AS build
RUN apk add --no-cache tini && mkdir /out && cp /sbin/tini /out/tini
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /out/app .
FROM alpine:3.22
COPY --from=build /out /usr/local/bin
ENTRYPOINT ["tini", "app"]
