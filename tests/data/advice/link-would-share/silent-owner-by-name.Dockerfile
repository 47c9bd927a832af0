FROM --platform=$BUILDPLATFORM node:22 AS web
COPY . .
RUN npm ci && npm run build
FROM nginx:1.29
COPY --from=web --chown=nginx:nginx /dist /srv/www
