# syntax=example/frontend
FROM alpine:3.22
