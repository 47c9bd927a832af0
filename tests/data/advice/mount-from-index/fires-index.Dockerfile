FROM node:22 AS web
RUN npm run build
FROM nginx:1.29
RUN --mount=type=bind,from=0,source=/dist,target=/dist cp -r /dist /srv
