FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ENV CGO_ENABLED=0
COPY . .
RUN go build -o /usr/local/bin/translate ./cmd/translate
ARG TARGETPLATFORM
RUN translate -setenv -targetplatform ${TARGETPLATFORM} && go build -o /app .
FROM scratch
COPY --from=build /app /app
