FROM --platform=$BUILDPLATFORM golang:1.25 AS build
COPY . .
ARG TARGETARCH
RUN CGO_ENABLED=0 GOARCH=$TARGETARCH go build -o /app .
FROM --platform=$BUILDPLATFORM alpine:3.22
COPY --from=build /app /usr/local/bin/app
ENTRYPOINT ["app"]
