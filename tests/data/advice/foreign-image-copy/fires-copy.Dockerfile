# syntax=docker/dockerfile:1

# Builds the service.
FROM --platform=${BUILDPLATFORM} golang:1.25-alpine AS base
COPY --from=qmcgaw/xcputranslate:v0.9.0 /xcputranslate /usr/local/bin/xcputranslate
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download

FROM base AS build
ARG TARGETPLATFORM
COPY . .
RUN GOARCH="$(xcputranslate translate -field arch -targetplatform ${TARGETPLATFORM})" \
    go build -o /app .

FROM scratch
COPY --from=build /app /app
