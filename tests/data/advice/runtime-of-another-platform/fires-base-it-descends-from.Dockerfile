ARG BASE=debian:trixie-slim
FROM --platform=linux/amd64 ${BASE} AS base
RUN apt-get update && apt-get install -y ca-certificates
FROM base AS runtime
COPY app.py /app.py
CMD ["/app.py"]
