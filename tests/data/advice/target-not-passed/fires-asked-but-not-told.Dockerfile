FROM --platform=$BUILDPLATFORM golang:1.25 AS build
COPY . .
ARG TARGETARCH
RUN echo "for $TARGETARCH" && if [ "$TARGETARCH" = arm64 ]; then touch big; fi && CGO_ENABLED=0 go build -o /app .
FROM scratch
COPY --from=build /app /app
