# Expected values of tests/stats/test_series.py. Run: Rscript series.R > series.json
# Data: cigarettes sold a head in California, packs a year, 1970-2000 (Tax Burden on Tobacco), as in Abadie, Diamond &
# Hainmueller (2010), doi:10.1198/jasa.2009.ap08746, and Linden (2015), doi:10.1177/1536867X1501500208.
suppressPackageStartupMessages({library(sandwich); library(nlme); library(jsonlite)})
packs <- c(123, 121, 123.5, 124.4, 126.7, 127.1, 128, 126.4, 126.1, 121.9, 120.2, 118.6, 115.4, 110.8, 104.8, 102.8, 99.7,
           97.5, 90.1, 82.4, 77.8, 68.7, 67.5, 63.4, 58.6, 56.4, 54.5, 53.8, 52.3, 47.2, 41.6)
year <- seq_along(packs) - 1
after <- as.numeric(year >= 19)
frame <- data.frame(packs, since = year - 19, after, bend = after * (year - 19))
fit <- lm(packs ~ since + after + bend, frame)
robust <- NeweyWest(fit, lag = 1, prewhite = FALSE, adjust = TRUE)
# generalised least squares with a first-order autoregression held at .5: one of the fits that are averaged
held <- gls(packs ~ since + after + bend, frame, correlation = corAR1(0.5, fixed = TRUE), method = "REML")
free <- gls(packs ~ since + after + bend, frame, correlation = corAR1(), method = "REML")
cat(toJSON(list(
  made_with = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")),
                   nlme = as.character(packageVersion("nlme"))),
  packs = packs, start = 19,
  newey_west = list(call = "NeweyWest(lag = 1, prewhite = FALSE, adjust = TRUE)", coef = as.list(coef(fit)),
                    se = as.list(sqrt(diag(robust)))),
  held = list(likeness = 0.5, coef = as.list(coef(held)), se = as.list(sqrt(diag(vcov(held)))),
              likelihood = as.numeric(logLik(held))),
  free = list(likeness = as.numeric(coef(free$modelStruct$corStruct, unconstrained = FALSE)),
              coef = as.list(coef(free)), se = as.list(sqrt(diag(vcov(free)))), likelihood = as.numeric(logLik(free)))
), digits = NA, auto_unbox = TRUE, na = "null"))
cat("\n")
