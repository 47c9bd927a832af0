FROM maven:3-eclipse-temurin-21 AS build
COPY . .
RUN mvn package -Pdist,native -DskipTests
FROM eclipse-temurin:21-jre
COPY --from=build /target/app /app
