FROM mcr.microsoft.com/dotnet/sdk:6.0 AS build
COPY . .
RUN dotnet publish -r linux-x64 -c Release -o /out
FROM mcr.microsoft.com/dotnet/aspnet:6.0
COPY --from=build /out /app
ENTRYPOINT ["dotnet", "/app/Web.dll"]
