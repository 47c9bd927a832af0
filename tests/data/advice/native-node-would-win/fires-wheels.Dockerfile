FROM python:3.13
RUN apt-get update && apt-get install -y build-essential libpq-dev
COPY requirements.txt .
RUN pip install --no-binary :all: -r requirements.txt
CMD ["python", "-m", "app"]
