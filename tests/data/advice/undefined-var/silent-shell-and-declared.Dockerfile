FROM alpine:3.22
ARG B
ENV A=$B
RUN echo $C
CMD echo $D
