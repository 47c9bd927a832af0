# Copyright the authors.
# SPDX-License-Identifier: MIT

# syntax=docker/dockerfile:1.7
#check=error=true
FROM alpine:3.22
RUN echo hello
