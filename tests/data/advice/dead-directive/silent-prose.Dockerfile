# syntax=docker/dockerfile:1
# check=skip=JSONArgsRecommended

# How this works:
# check = what the tests look at
# syntax = see below, and the manual
# escape=none
FROM alpine:3.22
# syntax=docker/dockerfile:1 would be at the top
# xsim: ignore=undefined-var,all the base image sets it
RUN echo "$APP_HOME" \
    # xsim: ignore=nothing-of-the-kind
    && true
COPY <<note /note
# xsim: nothing
# escape=`
note
