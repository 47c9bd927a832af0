FROM node:22 AS web
WORKDIR /web
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build
FROM nginx:1.29
COPY --from=web /web/dist /usr/share/nginx/html
