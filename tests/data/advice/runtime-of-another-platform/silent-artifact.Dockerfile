FROM --platform=$BUILDPLATFORM alpine:3.22 AS web
RUN echo hello > /index.html
FROM scratch
COPY --from=web /index.html /
CMD ["none"]
