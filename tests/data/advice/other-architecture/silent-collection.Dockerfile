FROM nginx:1.29
COPY dist/agent-linux-amd64 dist/agent-linux-arm64 /usr/share/nginx/html/
