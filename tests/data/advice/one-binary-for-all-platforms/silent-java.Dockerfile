FROM --platform=$BUILDPLATFORM maven:3-eclipse-temurin-21 AS build
COPY . .
RUN mvn -B package
FROM eclipse-temurin:21-jre
COPY --from=build /target/app.jar /app.jar
