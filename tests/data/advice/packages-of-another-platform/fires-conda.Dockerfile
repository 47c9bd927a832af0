FROM --platform=$BUILDPLATFORM condaforge/miniforge3 AS build
RUN conda create -p /env numpy
FROM debian:trixie
COPY --from=build /env /env
