FROM maven:3-eclipse-temurin-21
WORKDIR /app
COPY . .
RUN mvn -B package
CMD ["mvn", "spring-boot:run"]
