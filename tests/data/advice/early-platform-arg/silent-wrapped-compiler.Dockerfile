FROM --platform=$BUILDPLATFORM tonistiigi/xx:golang AS xgo
FROM --platform=$BUILDPLATFORM golang:1.25-alpine AS build
COPY --from=xgo / /
WORKDIR /app
COPY . .
RUN go mod download
ARG TARGETPLATFORM
RUN CGO_ENABLED=0 go build -o swarm-task .
FROM alpine:3.22
COPY --from=build /app/swarm-task /usr/local/bin/swarm-task
