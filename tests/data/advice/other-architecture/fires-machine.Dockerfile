FROM debian:trixie
ARG BUILDARCH
ADD https://example.com/tool-${BUILDARCH} /usr/local/bin/tool
CMD ["tool"]
