# Expected values of tests/stats/test_reliability.py. Run: Rscript reliability.R > reliability.json
library(jsonlite)
suppressMessages({library(psych); library(lavaan)})

one_factor <- function(data) {
  fit <- cfa(paste("f =~", paste(names(data), collapse = " + ")), data = data, std.lv = TRUE,
             control = list(rel.tol = 1e-9))
  loading <- inspect(fit, "est")$lambda[, 1]; own <- diag(inspect(fit, "est")$theta)
  list(loadings = as.list(inspect(fit, "std")$lambda[, 1]), omega = sum(loading)^2 / (sum(loading)^2 + sum(own)))
}
alphas <- function(data) {
  found <- suppressWarnings(alpha(data, check.keys = FALSE, warnings = FALSE))
  list(alpha = found$total$raw_alpha, feldt = as.numeric(unlist(found$feldt[c("lower.ci", "upper.ci")])),
       dropped = as.list(setNames(found$alpha.drop$raw_alpha, names(data))),
       item_rest = as.list(setNames(found$item.stats$r.drop, names(data))))
}
agree <- bfi[complete.cases(bfi[, 1:5]), 1:5]
turned <- transform(agree, A1 = 7 - A1)
ml <- fa(cor(turned), nfactors = 1, n.obs = nrow(turned), fm = "ml")
version <- function(name) as.character(packageVersion(name))
cat(toJSON(list(
  made_with = list(R = R.version.string, psych = version("psych"), lavaan = version("lavaan"),
                   data = "datasets::attitude, psych::bfi"),
  attitude = attitude,
  attitude_alpha = alphas(attitude),
  attitude_factor = one_factor(attitude),
  bfi = lapply(bfi[, 1:5], function(answer) paste(ifelse(is.na(answer), "-", answer), collapse = "")),
  agree_alpha = alphas(agree),
  turned_alpha = alphas(turned),
  turned_factor = one_factor(turned),
  turned_fa = as.list(setNames(as.numeric(ml$loadings), names(turned)))
), digits = NA, auto_unbox = TRUE, dataframe = "columns"))
cat("\n")
