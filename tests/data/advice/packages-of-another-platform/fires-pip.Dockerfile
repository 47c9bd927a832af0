FROM --platform=$BUILDPLATFORM python:3.13 AS build
RUN python -m venv /venv && /venv/bin/pip install numpy
FROM python:3.13-slim
COPY --from=build /venv /venv
