# Runs on Windows.
# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2025
RUN dir `
    c:\
FOO
