# Polychoric and polyserial correlations, from data that R packages ship.
# Rscript polychoric.R > polychoric.json   (some minutes: polycor's search is slow on six by six levels)
suppressMessages({library(jsonlite); library(polycor); library(psych); library(MASS); library(ordinal); library(mvtnorm)})

tables <- list(
  housing = unclass(xtabs(Freq ~ Infl + Sat, MASS::housing)),
  wine = unclass(table(ordinal::wine$rating, ordinal::wine$temp)),
  bfi = unclass(table(psych::bfi$A2, psych::bfi$A3)),
  bfi_reversed = unclass(table(psych::bfi$A1, psych::bfi$A2)),
  gears = unclass(table(mtcars$gear, mtcars$carb)),
  two_by_two = unclass(table(mtcars$am, mtcars$cyl > 4))
)
rows_of <- function(t) data.frame(x = rep(as.vector(row(t)), as.vector(t)), y = rep(as.vector(col(t)), as.vector(t)))
fit <- function(t) {
  two <- polycor::polychor(t, ML = FALSE, std.err = TRUE)
  # polycor's search (Nelder-Mead) stops early with many thresholds: it is started again where it stopped
  ml <- polycor::polychor(t, ML = TRUE, std.err = TRUE, control = list(reltol = 1e-15, maxit = 5000))
  for (again in 1:12) ml <- polycor::polychor(t, ML = TRUE, std.err = TRUE, control = list(reltol = 1e-15, maxit = 5000),
    start = list(rho = ml$rho, row.thresholds = ml$row.cuts, col.thresholds = ml$col.cuts))
  d <- rows_of(t)
  p <- suppressWarnings(suppressMessages(psych::polychoric(d, correct = 0, global = FALSE)))
  list(table = t, n = sum(t), two_step = two$rho, two_step_psych = p$rho[1, 2], ml = ml$rho, ml_se = sqrt(ml$var[1, 1]),
       chisq = ml$chisq, df = ml$df)
}
cases <- lapply(tables, fit)

serial <- list(
  mpg_gear = list(x = mtcars$mpg, y = mtcars$gear),
  mpg_carb = list(x = mtcars$mpg, y = mtcars$carb),
  qsec_cyl = list(x = mtcars$qsec, y = mtcars$cyl),
  weight_feed = list(x = log(MASS::cats$Hwt), y = as.numeric(cut(MASS::cats$Bwt, c(0, 2.3, 2.7, 3.2, 9))))
)
serial <- lapply(serial, function(s) {
  n <- length(s$x); ml_scale <- s$x
  two <- polycor::polyserial(s$x, s$y, ML = FALSE, std.err = TRUE, control = list(reltol = 1e-15))
  ml <- polycor::polyserial(s$x, s$y, ML = TRUE, std.err = TRUE, control = list(reltol = 1e-15, maxit = 20000))
  # the same maximum by another way: ordered probit on x with standard deviation by n
  z <- (s$x - mean(s$x)) / sqrt(mean((s$x - mean(s$x))^2))
  probit <- MASS::polr(factor(s$y) ~ z, method = "probit", Hess = TRUE, control = list(reltol = 1e-15))
  b <- unname(coef(probit)); v <- vcov(probit)[1, 1]
  # rho = b / sqrt(1 + b^2); the error of the standard deviation of x adds b^2 / (2 n) to the variance of b
  list(x = s$x, y = s$y, n = n, two_step = two$rho, polycor_ml = ml$rho, polycor_ml_se = sqrt(ml$var[1, 1]),
       probit_rho = b / sqrt(1 + b^2), probit_se = sqrt((v + b^2 / (2 * n)) / (1 + b^2)^3))
})

grid <- expand.grid(h = c(-2.5, -.7, 0, 1.3), k = c(-1.9, 0, .4, 3), rho = c(-.999, -.95, -.5, 0, .3, .9, .99))
grid$p <- apply(grid, 1, function(r) pmvnorm(upper = c(r[1], r[2]), corr = matrix(c(1, r[3], r[3], 1), 2), algorithm = TVPACK(1e-15)))
versions <- sapply(c("polycor", "psych", "MASS", "ordinal", "mvtnorm"), function(p) as.character(packageVersion(p)))
cat(toJSON(list(made_by = "polychoric.R", R = R.version.string, packages = as.list(versions), cases = cases, serial = serial,
                normal = as.list(grid)), digits = 15, auto_unbox = TRUE, matrix = "rowmajor", pretty = 1), "\n")
