FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
ENV GOARCH=$TARGETARCH
WORKDIR /src
RUN apt-get update && apt-get install -y protobuf-compiler
COPY go.mod go.sum ./
COPY . .
RUN CGO_ENABLED=0 go build -o /app .
FROM scratch
COPY --from=build /app /app
