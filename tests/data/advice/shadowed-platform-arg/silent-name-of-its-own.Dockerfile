FROM golang:1.25 AS build
ARG ARCH=amd64
RUN echo $ARCH > /arch
FROM scratch
COPY --from=build /arch /arch
