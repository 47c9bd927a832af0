FROM python:3.13
RUN apt-get update && apt-get install -y gcc
COPY . .
RUN gcc -O2 -o /usr/local/bin/hello main.c
