FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
WORKDIR /src
COPY . .
RUN GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /out/app . && /out/app --help > /out/usage.txt
FROM scratch
COPY --from=build /out/ /
