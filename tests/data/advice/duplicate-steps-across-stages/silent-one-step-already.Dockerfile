FROM debian:trixie AS a
RUN apt-get update && apt-get install -y git
RUN git clone https://example.com/x /x
FROM debian:trixie
RUN apt-get update && apt-get install -y git
COPY --from=a /x /x
