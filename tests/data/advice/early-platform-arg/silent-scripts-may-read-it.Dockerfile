FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
COPY . .
RUN make deps
RUN GOARCH=$TARGETARCH go build -o /app .
FROM scratch
COPY --from=build /app /app
