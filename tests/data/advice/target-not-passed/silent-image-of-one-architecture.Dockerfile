FROM golang:1.25 AS build
RUN GOARCH=arm64 go build -o /hello .
FROM arm64v8/alpine
COPY --from=build /hello /hello
CMD ["/hello"]
