FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
ENV GOARCH=$TARGETARCH CGO_ENABLED=0
RUN go install github.com/a-h/templ/cmd/templ@v0.2.793
WORKDIR /src
COPY . .
RUN templ generate
RUN go build -o /app .
FROM scratch
COPY --from=build /app /app
