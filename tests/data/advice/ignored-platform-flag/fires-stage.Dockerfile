FROM golang:1.25 AS base
RUN go env
FROM --platform=$BUILDPLATFORM   base AS tools
RUN go install example.com/tool@latest
FROM base
COPY --from=tools /go/bin/tool /usr/local/bin/tool
