# syntax=docker/dockerfile:1
# The program for many processors: compiled once per platform, by a compiler that always runs natively.
FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.6.1 AS xx

FROM --platform=$BUILDPLATFORM rust:1.95-alpine AS build
COPY --from=xx / /
RUN apk add --no-cache clang lld
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY benches ./benches
COPY src ./src
RUN --mount=type=cache,target=/usr/local/cargo/registry cargo fetch --locked
ARG TARGETPLATFORM
RUN xx-apk add --no-cache gcc musl-dev
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target,id=target-$TARGETPLATFORM \
    xx-cargo build --locked --release --bin xsim \
    && cp "target/$(xx-cargo --print-target-triple)/release/xsim" /xsim \
    && xx-verify --static /xsim

FROM scratch
COPY --from=build /xsim /xsim
ENTRYPOINT ["/xsim"]
