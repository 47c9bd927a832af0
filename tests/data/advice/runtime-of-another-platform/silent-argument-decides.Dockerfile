ARG GOARCH=amd64
FROM golang:1.25 AS build
ARG GOARCH
RUN make GOARCH=$GOARCH
FROM --platform=linux/${GOARCH} alpine:3.22
COPY --from=build /bin/driver /bin/driver
ENTRYPOINT ["/bin/driver"]
