FROM node:22-alpine AS deps
RUN corepack enable
WORKDIR /src
COPY package.json pnpm-lock.yaml ./
RUN pnpm install --frozen-lockfile
FROM deps AS build
COPY . .
RUN pnpm build
FROM caddy:2
COPY --from=build /src/dist /srv
