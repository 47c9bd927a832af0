FROM alpine:3.22 AS from-scratch
FROM scratch AS contexts
