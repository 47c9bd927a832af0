FROM node:22
RUN --mount=type=tmpfs,target=/tmp true
RUN npm ci
