FROM alpine:3.22
RUN V=1.0 && echo $V
ENV V=2.0
RUN echo $V
