FROM --platform=$BUILDPLATFORM r-base:4.4.1 AS build
RUN Rscript -e 'install.packages("Rcpp", lib = "/rlib")'
FROM r-base:4.4.1
COPY --from=build /rlib /usr/lib/R/site-library
