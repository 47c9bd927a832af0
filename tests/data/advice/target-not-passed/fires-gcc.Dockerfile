FROM --platform=$BUILDPLATFORM gcc:15 AS build
ARG TARGETARCH
WORKDIR /src
COPY . .
RUN gcc -O2 -o /app main.c
FROM debian:trixie-slim
COPY --from=build /app /usr/bin/app
