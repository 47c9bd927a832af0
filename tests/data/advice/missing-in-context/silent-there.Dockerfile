# context: tool dist/a.js
FROM alpine:3.22
COPY tool /usr/local/bin/tool
COPY dist /dist
COPY dist/*.js *.txt /docs/
