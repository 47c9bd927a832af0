FROM debian:12 AS build
COPY . .
RUN apt-get update && apt-get install -y gcc && gcc -O2 -o /app main.c
FROM debian:12
COPY --from=build /app /app
