FROM alpine:3.22
ENV A=${B:-b}
RUN echo $C
CMD echo $D
