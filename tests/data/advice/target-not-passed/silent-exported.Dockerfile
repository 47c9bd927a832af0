FROM --platform=$BUILDPLATFORM golang:1.25 AS build
COPY . .
ARG TARGETARCH
RUN export GOARCH=$TARGETARCH && CGO_ENABLED=0 go build -o /app .
FROM scratch
COPY --from=build /app /app
