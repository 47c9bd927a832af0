FROM --platform=$BUILDPLATFORM golang:1.25 AS source
COPY . .
FROM source AS linux
RUN CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -o /out/tool ./cli
FROM source AS darwin
RUN CGO_ENABLED=0 GOOS=darwin go build -o /out/tool ./cli
FROM scratch
COPY --from=linux /out/tool /out/tool-linux-amd64
COPY --from=darwin /out/tool /out/tool-darwin
