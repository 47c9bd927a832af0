FROM python:3.13
COPY . .
RUN apt-get update && apt-get install -y gcc && gcc -O2 -o /usr/local/bin/hello main.c
