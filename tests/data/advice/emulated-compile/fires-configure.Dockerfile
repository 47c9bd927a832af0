FROM alpine:3.22 AS build
RUN apk add --no-cache gcc make musl-dev
WORKDIR /src
COPY . .
RUN ./configure --prefix=/usr && make -j4
RUN make install DESTDIR=/out
FROM alpine:3.22
COPY --from=build /out /
