FROM mcr.microsoft.com/dotnet/sdk:6.0 AS build
COPY . .
RUN dotnet publish app.csproj -c Release -o /out
FROM mcr.microsoft.com/dotnet/aspnet:6.0
COPY --from=build /out /app
ENTRYPOINT ["/app/Web"]
