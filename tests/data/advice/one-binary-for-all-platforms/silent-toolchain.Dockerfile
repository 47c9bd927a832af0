FROM --platform=$BUILDPLATFORM debian:trixie AS build
WORKDIR /src
COPY . .
RUN cmake -B out -DCMAKE_TOOLCHAIN_FILE=arm.cmake && cmake --build out
FROM debian:trixie
COPY --from=build /src/out/app /usr/bin/app
