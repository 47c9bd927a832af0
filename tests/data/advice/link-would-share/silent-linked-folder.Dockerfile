FROM --platform=$BUILDPLATFORM alpine:3.22 AS tools
RUN echo '#!/bin/sh' > /hello && chmod +x /hello
FROM debian:trixie
COPY --from=tools /hello /bin/hello
