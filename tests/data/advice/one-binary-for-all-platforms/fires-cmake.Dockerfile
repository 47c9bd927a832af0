FROM --platform=$BUILDPLATFORM debian:trixie AS build
WORKDIR /src
COPY . .
RUN cmake -B out && cmake --build out
FROM debian:trixie
COPY --from=build /src/out/app /usr/bin/app
