FROM python:3.13
COPY requirements.txt .
RUN pip install --no-binary :all: -r requirements.txt
CMD ["python", "-m", "app"]
