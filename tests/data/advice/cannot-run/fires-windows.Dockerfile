FROM --platform=windows/amd64 mcr.microsoft.com/windows/nanoserver:ltsc2022 AS build
RUN echo hi
FROM scratch
COPY --from=build /x /x
