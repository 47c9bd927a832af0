FROM --platform=linux/amd64 busybox:1.37 AS box
FROM gcr.io/distroless/static
COPY --from=box /bin/busybox /bin/busybox
ENTRYPOINT ["/bin/busybox"]
