FROM --platform=$BUILDPLATFORM golang:1.25-alpine AS build
RUN apk add --no-cache make
ENV BIN_OUT_DIR=/bin
COPY . .
ARG TARGETARCH
RUN GOARCH=$TARGETARCH make build
RUN mkdir -p /seed
FROM scratch
COPY --from=build /bin/app /app/app
