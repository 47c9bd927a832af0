FROM --platform=$BUILDPLATFORM node:22 AS web
COPY . .
RUN npm ci && npm run build
FROM --platform=$TARGETPLATFORM nginx:1.29
COPY --from=web /dist /usr/share/nginx/html
CMD ["nginx", "-g", "daemon off;"]
