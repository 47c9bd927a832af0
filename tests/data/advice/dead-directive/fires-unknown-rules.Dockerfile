FROM alpine:3.22 AS tools
# xsim: ignore=undefined-vars,UndefinedVar,unused-stage,quite-unheard-of we know
RUN echo "$APP_HOME"
# xsim: ignore= all of it
RUN true
# xsim: skip=unused-stage
RUN false

FROM alpine:3.22
RUN echo here
# xsim: ignore=unused-stage
