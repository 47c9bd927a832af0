FROM mcr.microsoft.com/dotnet/sdk:9.0-noble-amd64 AS build
WORKDIR /src
COPY . .
RUN dotnet publish -o /app
FROM mcr.microsoft.com/dotnet/aspnet:9.0-noble-amd64
COPY --from=build /app /app
CMD ["/app/server"]
