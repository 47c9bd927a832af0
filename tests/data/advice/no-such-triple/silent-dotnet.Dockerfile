# .NET's command line takes amd64 for x64.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:9.0 AS build
ARG TARGETARCH
COPY . .
RUN dotnet publish -r linux-$TARGETARCH -o /out
FROM mcr.microsoft.com/dotnet/aspnet:9.0
COPY --from=build /out /app
