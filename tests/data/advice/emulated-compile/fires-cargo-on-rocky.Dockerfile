FROM rockylinux:9 AS build
RUN dnf install -y cargo
COPY . .
RUN cargo build --release
FROM rockylinux:9
COPY --from=build /target/release/app /app
