FROM --platform=$BUILDPLATFORM golang:1.25 AS build
COPY . .
ARG TARGETARCH
RUN GOARCH=$TARGETARCH; \
    # two lines
    CGO_ENABLED=0 GOOS=linux \
    go build -o /app .
FROM scratch
COPY --from=build /app /app
