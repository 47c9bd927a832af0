FROM --platform=$BUILDPLATFORM python:3.13 AS build
ARG TARGETARCH
RUN pip install --target=/deps --platform=manylinux2014_$TARGETARCH --only-binary=:all: numpy
FROM python:3.13-slim
COPY --from=build /deps /deps
