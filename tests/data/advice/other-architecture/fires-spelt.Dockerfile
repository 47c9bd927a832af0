FROM debian:trixie
RUN curl -fsSLo /usr/local/bin/tool https://example.com/tool-x86_64 && chmod +x /usr/local/bin/tool
CMD ["tool"]
