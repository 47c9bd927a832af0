FROM eclipse-temurin:21-jdk
WORKDIR /src
COPY . .
RUN chmod +x gradlew && ./gradlew --no-daemon bootJar && cp build/libs/*.jar /app.jar && rm -rf build
ENTRYPOINT ["java", "-jar", "/app.jar"]
