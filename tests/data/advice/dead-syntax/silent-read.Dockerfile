FROM debian:trixie AS base
ARG TARGETARCH
RUN ./setup.sh
FROM debian:trixie
ARG TARGETPLATFORM
LABEL platform=$TARGETPLATFORM
COPY --from=base /x /x
COPY a~ b~ /home/~user/
