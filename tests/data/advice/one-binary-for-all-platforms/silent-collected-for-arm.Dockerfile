FROM --platform=$BUILDPLATFORM golang:1.25 AS build
RUN CGO_ENABLED=0 GOARCH=arm go build -o /out/app .
FROM scratch
COPY --from=build /out/app /out/app-linux-arm
