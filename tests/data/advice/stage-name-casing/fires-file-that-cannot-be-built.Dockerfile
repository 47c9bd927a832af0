FROM alpine:3.22 AS Base
RUN apk add --no-cache git
FROM Base
RUN git version
