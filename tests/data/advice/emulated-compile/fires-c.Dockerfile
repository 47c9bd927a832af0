FROM gcc:15 AS build
COPY . .
RUN gcc -O2 -o /hello main.c
FROM debian:trixie-slim
COPY --from=build /hello /usr/local/bin/hello
