FROM --platform=$BUILDPLATFORM golang:1.25 AS build
# What is built for.
ARG TARGETOS
ARG TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download

# The program.
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .

FROM scratch
COPY --from=build /app /app
