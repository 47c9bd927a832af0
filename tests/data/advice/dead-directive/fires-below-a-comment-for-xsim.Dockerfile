# syntax=docker/dockerfile:1
# xsim: ignore=undefined-var the base image sets it
# escape=`
FROM alpine:3.22
RUN echo "$APP_HOME"
