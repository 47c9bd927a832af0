FROM registry.access.redhat.com/ubi9/go-toolset:1.24 AS build
COPY . .
RUN CGO_ENABLED=1 GOOS=linux GOARCH=amd64 \
    go build -o /tmp/app .
FROM registry.access.redhat.com/ubi9/ubi-minimal
COPY --from=build /tmp/app /app
ENTRYPOINT ["/app"]
