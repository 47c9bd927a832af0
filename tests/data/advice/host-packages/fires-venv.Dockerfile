# context: .venv/pyvenv.cfg app.py
FROM python:3.13
WORKDIR /app
COPY . .
