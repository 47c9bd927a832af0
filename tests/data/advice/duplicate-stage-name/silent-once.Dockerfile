FROM alpine:3.22 AS base
FROM debian:trixie AS debian
FROM alpine:3.22
FROM alpine:3.22
