FROM --platform=$BUILDPLATFORM denoland/deno:2.1.4 AS build
WORKDIR /app
COPY . .
RUN deno compile --allow-net -o /out/app main.ts
FROM debian:trixie-slim
COPY --from=build /out/app /usr/bin/app
