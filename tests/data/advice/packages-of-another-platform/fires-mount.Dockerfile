FROM --platform=$BUILDPLATFORM python:3.13-slim AS deps
RUN pip wheel -w /wheels numpy==2.3.0
FROM python:3.13-slim
RUN --mount=from=deps,source=/wheels,target=/mnt cp -r /mnt /wheels
