FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
ENV GOARCH=$TARGETARCH CGO_ENABLED=0
WORKDIR /src
COPY . .
RUN go run ./gen && go build -o /app .
FROM scratch
COPY --from=build /app /app
