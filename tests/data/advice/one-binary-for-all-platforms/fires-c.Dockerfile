FROM --platform=linux/amd64 gcc:15 AS build
COPY main.c .
RUN gcc -static -O2 -o /hello main.c
FROM scratch
COPY --from=build /hello /hello
