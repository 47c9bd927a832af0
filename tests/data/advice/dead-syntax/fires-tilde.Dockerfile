FROM node:22
RUN --mount=type=cache,target=~/.npm npm ci
COPY app ~/app
