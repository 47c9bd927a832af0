FROM fedora:40 AS build
COPY . .
RUN dnf install -y gcc && gcc -O2 -o /app main.c
FROM fedora:40
COPY --from=build /app /app
