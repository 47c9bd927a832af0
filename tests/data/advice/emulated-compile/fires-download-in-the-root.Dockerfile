FROM busybox
RUN wget -O- https://example.com/zola-x86_64-linux-gnu.tar.gz | tar xz
FROM gcr.io/distroless/cc
COPY --from=0 /zola /
ENTRYPOINT ["/zola"]
