FROM alpine:3.22 AS settings
ARG TARGETARCH
RUN wget -O /bin/yq https://example.com/yq_linux_$TARGETARCH && chmod +x /bin/yq
COPY app.yaml .
RUN yq .port app.yaml > /port
FROM alpine:3.22
COPY --from=settings /port /port
