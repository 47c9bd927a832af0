FROM --platform=linux/amd64 node:22 AS web
COPY . .
RUN npm ci && npm run build
FROM nginx:1.29
COPY --from=web /dist /usr/share/nginx/html
