FROM node:22
RUN echo "npm ci" > /readme && npm --version
