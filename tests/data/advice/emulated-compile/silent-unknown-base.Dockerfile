FROM wheels AS more
RUN wget -P /wheels/ https://example.com/more-0.4-py3-none-any.whl
FROM python:3.13-slim
RUN --mount=type=bind,from=more,source=/wheels,target=/wheels pip install /wheels/*.whl
