FROM --platform=$BUILDPLATFORM rust:1.90 AS build
ARG TARGETARCH
COPY . .
RUN rustup target add ${TARGETARCH}-unknown-linux-musl
FROM scratch
COPY --from=build /out /out
