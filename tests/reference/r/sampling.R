# Expected values of tests/stats/test_sampling.py. Run: Rscript sampling.R > sampling.json
# Data: `mtcars` of R's datasets package; printed with the values.
suppressPackageStartupMessages({library(survey); library(jsonlite)})
fit_of <- function(design, formula) {
  fit <- svyglm(formula, design)
  list(call = deparse(formula), coef = as.list(coef(fit)), se = as.list(SE(fit)), df = fit$df.residual, degf = degf(design))
}
cars <- mtcars
cars$size <- c("4" = 40, "6" = 12, "8" = 20)[as.character(cars$cyl)]  # how many there are of each, made up
cars$weight <- cars$size / ave(cars$mpg, cars$cyl, FUN = length)
formula <- mpg ~ wt + hp + qsec
stratified <- svydesign(id = ~1, strata = ~cyl, weights = ~weight, fpc = ~size, data = cars)
endless <- svydesign(id = ~1, strata = ~cyl, weights = ~weight, data = cars)
# clusters: numbers of carburettors, within automatic and manual ones
cars$cluster <- paste(cars$am, cars$carb)
cars$clusters <- ifelse(cars$am == 0, 8, 6)
nested <- svydesign(id = ~cluster, strata = ~am, weights = ~weight, fpc = ~clusters, data = cars)
cat(toJSON(list(
  made_with = list(R = R.version.string, survey = as.character(packageVersion("survey")), `function` = "svyglm"),
  data = as.list(cars[c("mpg", "wt", "hp", "qsec", "cyl", "size", "weight", "am", "cluster", "clusters")]),
  stratified = fit_of(stratified, formula), endless = fit_of(endless, formula), nested = fit_of(nested, mpg ~ wt),
  mean = list(stratified = as.numeric(SE(svymean(~mpg, stratified))), nested = as.numeric(SE(svymean(~mpg, nested))))
), digits = NA, auto_unbox = TRUE, na = "null"))
cat("\n")
