FROM golang:1.25 AS source
COPY . /src
FROM source AS amd64
ENV GOARCH=amd64
RUN go build -o /out/app ./cmd/app
FROM source AS arm64
ENV GOARCH=arm64
RUN go build -o /out/app ./cmd/app
FROM scratch
COPY --from=amd64 /out/app /app-amd64
COPY --from=arm64 /out/app /app-arm64
