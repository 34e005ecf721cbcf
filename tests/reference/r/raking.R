# Expected values of tests/stats/test_raking.py. Run: Rscript raking.R > raking.json
# Data: `mtcars` of R's datasets package; printed with the values.
suppressPackageStartupMessages({library(survey); library(jsonlite)})
cars <- mtcars
cars$cyl <- factor(cars$cyl); cars$am <- factor(cars$am); cars$weight <- cars$wt / mean(cars$wt)
cars$cluster <- paste(cars$carb, cars$gear); cars$half <- cars$vs
n <- nrow(cars)
of_cyl <- data.frame(cyl = c("4", "6", "8"), Freq = c(.5, .3, .2)); of_am <- data.frame(am = c("0", "1"), Freq = c(.45, .55))
found <- function(design) list(weights = as.numeric(weights(design) / sum(weights(design)) * n),
  mean = as.numeric(coef(svymean(~mpg, design))), se = as.numeric(SE(svymean(~mpg, design))))
alone <- svydesign(id = ~1, weights = ~rep(1, n), data = cars)
weighted <- svydesign(id = ~1, weights = ~weight, data = cars)
units <- svydesign(id = ~cluster, weights = ~weight, data = cars)
strata <- svydesign(id = ~1, strata = ~half, weights = ~weight, data = cars)
sized <- function(table, design) transform(table, Freq = Freq * sum(weights(design)))
raked <- function(design) found(rake(design, list(~cyl, ~am), list(sized(of_cyl, design), sized(of_am, design)),
  control = list(maxit = 200, epsilon = 1e-12 * n)))
stratified <- function(design) found(postStratify(design, ~cyl, sized(of_cyl, design)))
calibrated <- function(design) {
  total <- sum(weights(design))
  found(calibrate(design, ~cyl + am, c(`(Intercept)` = 1, cyl6 = .3, cyl8 = .2, am1 = .55) * total, calfun = "raking",
    epsilon = 1e-12, maxit = 200))
}
cat(toJSON(list(
  made_with = list(R = R.version.string, survey = as.character(packageVersion("survey"))),
  data = list(mpg = cars$mpg, cyl = as.character(cars$cyl), am = as.character(cars$am), weight = cars$weight,
    cluster = cars$cluster, half = cars$half),
  rake = list(alone = raked(alone), weighted = raked(weighted)),
  post_stratify = list(alone = stratified(alone), weighted = stratified(weighted), units = stratified(units),
    strata = stratified(strata)),
  calibrate = list(alone = calibrated(alone), weighted = calibrated(weighted), units = calibrated(units),
    strata = calibrated(strata))
), digits = NA, auto_unbox = TRUE))
cat("\n")
