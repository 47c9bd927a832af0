# The bundler comes for the build platform, as the stage does.
FROM --platform=$BUILDPLATFORM oven/bun:1.3 AS bun

FROM --platform=$BUILDPLATFORM node:22-slim AS web
COPY --from=bun /usr/local/bin/bun /usr/local/bin/bun
WORKDIR /web
COPY package.json bun.lock ./
RUN bun install --frozen-lockfile
COPY . .
RUN bun run build

FROM nginx:1.29-alpine
COPY --from=web /web/dist /usr/share/nginx/html
