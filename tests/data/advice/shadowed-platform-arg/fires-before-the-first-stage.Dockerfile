ARG TARGETARCH="amd64"
FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
COPY . .
RUN GOARCH=$TARGETARCH go build -o /app .
FROM scratch
COPY --from=build /app /app
