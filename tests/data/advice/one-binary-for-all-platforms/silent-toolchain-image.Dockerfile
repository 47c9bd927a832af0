FROM --platform=$BUILDPLATFORM golang:1.25 AS base
FROM base AS lint
RUN GOBIN=/build go install example.com/lint@latest
FROM base AS dev
COPY --from=lint /build/lint /usr/local/bin/lint
CMD ["bash"]
