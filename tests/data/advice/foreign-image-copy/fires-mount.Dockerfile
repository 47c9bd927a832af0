FROM --platform=$BUILDPLATFORM python:3.13 AS lock
WORKDIR /src
COPY pyproject.toml uv.lock ./
RUN --mount=from=ghcr.io/astral-sh/uv:0.9,source=/uv,target=/bin/uv /bin/uv export -o /requirements.txt
FROM python:3.13
COPY --from=lock /requirements.txt /requirements.txt
RUN pip install -r /requirements.txt
