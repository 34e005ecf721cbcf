# Random-effects pooling of Fisher z by metafor::rma. psych's bfi: A2 with A3 by education; and three small made-up cases.
# Rscript pooling.R > pooling.json
suppressMessages({library(jsonlite); library(metafor); library(psych)})
parts <- split(psych::bfi, psych::bfi$education)
pair <- lapply(parts, function(d) d[complete.cases(d$A2, d$A3), c("A2", "A3")])
cases <- list(
  segments = list(r = c(.55, .42, .61, .38, .5), n = c(120, 80, 150, 60, 95)),
  bfi_education = list(r = unname(sapply(pair, function(d) cor(d$A2, d$A3))), n = unname(sapply(pair, nrow))),
  far_apart = list(r = c(.1, .75, -.2, .5), n = c(300, 250, 90, 40)),
  two = list(r = c(.3, .5), n = c(60, 200)),
  alike = list(r = c(.30, .31, .29), n = c(100, 120, 90))
)
fit <- function(case, method, test) {
  m <- rma(measure = "ZCOR", ri = case$r, ni = case$n, method = method, test = test, control = list(threshold = 1e-12, maxiter = 1000))
  p <- predict(m)
  list(method = method, test = test, z = c(m$b), se = m$se, tau2 = m$tau2, I2 = m$I2, Q = m$QE, Qp = m$QEp, p = m$pval,
       low = tanh(m$ci.lb), high = tanh(m$ci.ub), predict_low = tanh(p$pi.lb), predict_high = tanh(p$pi.ub))
}
results <- lapply(cases, function(case) c(case, list(fits = do.call(c, lapply(c("REML", "DL"), function(method)
  lapply(c("z", "knha", "adhoc"), function(test) fit(case, method, test)))))))
cat(toJSON(list(made_by = "pooling.R", R = R.version.string,
                packages = list(metafor = as.character(packageVersion("metafor")), psych = as.character(packageVersion("psych"))),
                cases = results), digits = 15, auto_unbox = TRUE, pretty = 1), "\n")
