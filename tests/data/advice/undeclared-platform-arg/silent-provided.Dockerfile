FROM alpine:3.22
RUN TARGETARCH=$(uname -m) && echo "$TARGETARCH" > /arch
RUN echo "${TARGETARCH:-none}" > /arch2
CMD ["sh", "-c", "echo $TARGETARCH"]
