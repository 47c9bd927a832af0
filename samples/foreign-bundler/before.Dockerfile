# The bundler comes for the target platform, into a stage that is pinned to the build platform.
FROM --platform=$BUILDPLATFORM node:22-slim AS web
COPY --from=oven/bun:1.3 /usr/local/bin/bun /usr/local/bin/bun
WORKDIR /web
COPY package.json bun.lock ./
RUN bun install --frozen-lockfile
COPY . .
RUN bun run build

FROM nginx:1.29-alpine
COPY --from=web /web/dist /usr/share/nginx/html
