FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
RUN echo "GOARCH=$TARGETARCH" > /env
COPY . .
RUN . /env && CGO_ENABLED=0 go build -o /app .
FROM scratch
COPY --from=build /app /app
