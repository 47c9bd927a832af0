FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -o /out/agent.exe ./agent
FROM nginx:1.29
COPY --from=build /out/ /usr/share/nginx/html/
