FROM alpine:3.22 AS context
FROM alpine:3.22 AS scratch
RUN x
