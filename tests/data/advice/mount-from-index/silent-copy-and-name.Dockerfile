FROM node:22 AS web
RUN npm run build
FROM nginx:1.29
COPY --from=0 /dist /srv
RUN --mount=from=web,source=/dist,target=/dist cp -r /dist /srv
