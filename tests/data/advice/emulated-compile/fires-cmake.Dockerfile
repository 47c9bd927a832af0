FROM debian:trixie AS build
RUN apt-get update && apt-get install -y cmake g++ make
WORKDIR /src
COPY . .
RUN cmake -B out && cmake --build out && strip out/app
FROM debian:trixie
COPY --from=build /src/out/app /usr/bin/app
