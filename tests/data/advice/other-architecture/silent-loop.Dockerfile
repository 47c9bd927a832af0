FROM alpine:3.22
RUN for a in amd64 arm64; do wget -O /srv/tool-$a https://example.com/tool-$a; done
CMD ["httpd"]
