FROM alpine:3.22
RUN A=1 && wget https://example.com/$A
RUN A=2 && wget https://example.com/$A
