FROM --platform=linux/amd64 debian:trixie AS build-amd64
RUN echo a > /out
FROM --platform=linux/arm64 debian:trixie AS build-arm64
RUN echo b > /out
FROM build-${TARGETARCH} AS build
FROM debian:trixie
COPY --from=build /out /out
