FROM node:24-alpine AS deps
WORKDIR /app
COPY package*.json ./
RUN npm ci
FROM --platform=$BUILDPLATFORM node:24-alpine AS build
WORKDIR /app
COPY . .
RUN --mount=type=bind,from=deps,source=/app/node_modules,target=/app/node_modules npm run build
FROM nginx:1.29
COPY --from=build /app/dist /usr/share/nginx/html
