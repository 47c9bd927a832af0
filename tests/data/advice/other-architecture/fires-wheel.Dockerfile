FROM python:3.13
RUN pip install https://example.com/engine-2-cp313-cp313-manylinux_2_28_x86_64.whl
CMD ["python", "-m", "engine"]
