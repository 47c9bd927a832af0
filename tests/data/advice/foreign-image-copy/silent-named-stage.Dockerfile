FROM --platform=$BUILDPLATFORM ghcr.io/astral-sh/uv:0.9 AS uv
FROM --platform=$BUILDPLATFORM python:3.13 AS lock
COPY --from=uv /uv /bin/uv
COPY pyproject.toml uv.lock ./
RUN uv export -o /requirements.txt
FROM python:3.13
COPY --from=lock /requirements.txt /requirements.txt
