FROM --platform=$BUILDPLATFORM golang:1.25 AS wasm
COPY . .
RUN GOOS=js GOARCH=wasm go build -o /app.wasm .
FROM nginx:1.29
COPY --from=wasm /app.wasm /usr/share/nginx/html/app.wasm
