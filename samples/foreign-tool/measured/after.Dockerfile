FROM --platform=$BUILDPLATFORM tool:1 AS tool

FROM --platform=$BUILDPLATFORM golang:1 AS build
COPY --from=tool /bin/stamp /usr/local/bin/stamp
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN stamp --rounds 60 go.mod > /src/STAMP && file /usr/local/bin/stamp && uname -m && cat STAMP
ARG TARGETOS
ARG TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -o /out/shipyard ./cmd/shipyard

FROM scratch
COPY --from=build /out/shipyard /src/STAMP /
ENTRYPOINT ["/shipyard"]
