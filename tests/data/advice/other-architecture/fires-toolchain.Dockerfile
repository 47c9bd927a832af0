FROM debian:trixie AS build
RUN curl -fsSL https://go.dev/dl/go1.25.0.linux-amd64.tar.gz | tar -C /usr/local -xz
ENV PATH=/usr/local/go/bin:$PATH
COPY . .
RUN go generate ./...
FROM debian:trixie
COPY --from=build /site /site
