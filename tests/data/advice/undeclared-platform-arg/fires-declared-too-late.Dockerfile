FROM --platform=$BUILDPLATFORM golang:1.25 AS build
COPY . .
RUN GOARCH=$TARGETARCH go build -o /app .
ARG TARGETARCH
RUN echo $TARGETARCH
FROM scratch
COPY --from=build /app /app-$TARGETARCH
