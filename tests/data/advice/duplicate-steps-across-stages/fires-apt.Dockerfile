FROM debian:trixie AS a
WORKDIR /a
RUN apt-get update && apt-get install -y git
RUN git clone https://example.com/x
FROM debian:trixie AS b
WORKDIR /b
RUN apt-get update && apt-get install -y git
COPY --from=a /a/x /x
