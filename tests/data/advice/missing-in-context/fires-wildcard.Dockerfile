# context: pom.xml dist/a.js
FROM alpine:3.22
COPY target/*.jar /app.jar
