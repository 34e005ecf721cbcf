# Expected values of tests/stats/test_imputation.py. Run: Rscript imputation.R > imputation.json
library(jsonlite)
suppressMessages({library(lavaan); library(mice); library(psych)})

agree <- bfi[, 1:5]  # psych::bfi, answers 1-6, 2,800 people
packed <- lapply(agree, function(answer) paste(ifelse(is.na(answer), "-", answer), collapse = ""))

air <- airquality[, 1:4]
fiml <- function(data) {
  model <- paste0(paste(sapply(seq_along(data)[-1], function(k)
    paste0(names(data)[k], " ~~ ", paste(names(data)[seq_len(k - 1)], collapse = " + "))), collapse = "\n"), "\n",
    paste0(names(data), " ~~ ", names(data), collapse = "\n"), "\n", paste0(names(data), " ~ 1", collapse = "\n"))
  fit <- lavaan(model, data = data, missing = "fiml", control = list(rel.tol = 1e-14, iter.max = 10000))
  cov <- unclass(fitted(fit)$cov)[names(data), names(data)]
  list(mean = as.numeric(fitted(fit)$mean[names(data)]), cov = cov, cor = cov2cor(cov))
}
scaled <- as.data.frame(lapply(air, function(x) x / sd(x, na.rm = TRUE)))

# answers that go missing by another question, not at random: what pmm in mice makes of them, 100 copies
set.seed(20)
holes <- agree[complete.cases(agree), ][1:600, ]
gone <- runif(600) < plogis((holes$A5 - 4.5) * 1.2 - 1); holes$A3[gone] <- NA
holes$A2[runif(600) < 0.1] <- NA
imputed <- mice(holes, m = 400, maxit = 10, method = "pmm", seed = 3, printFlag = FALSE)
pairs <- list(c("A1", "A2"), c("A2", "A3"), c("A3", "A5"), c("A3", "A4"))
pooled <- lapply(pairs, function(pair) {
  r <- sapply(1:400, function(k) cor(complete(imputed, k)[, pair])[1, 2])
  found <- pool.scalar(atanh(r), rep(1 / 597, 400), n = 600, k = 2)
  list(pair = pair, r = tanh(found$qbar), error = sqrt(found$t), fmi = found$fmi)
})

rubin <- function(Q, U, n, k) { found <- pool.scalar(Q, U, n = n, k = k)
  found[c("qbar", "ubar", "b", "t", "df", "fmi")] }
version <- function(name) as.character(packageVersion(name))
cat(toJSON(list(
  made_with = list(R = R.version.string, lavaan = version("lavaan"), mice = version("mice"), psych = version("psych"),
                   data = "psych::bfi, datasets::airquality"),
  bfi = packed,
  bfi_fiml = unclass(lavCor(agree, missing = "fiml", output = "cor")),
  air = air,
  air_fiml = fiml(scaled),
  air_scale = as.list(sapply(air, sd, na.rm = TRUE)),
  holes = lapply(holes, function(answer) paste(ifelse(is.na(answer), "-", answer), collapse = "")),
  mice = pooled,
  rubin = list(
    list(Q = c(0.52, 0.48, 0.57, 0.5, 0.55), U = c(0.01, 0.012, 0.011, 0.009, 0.01), n = 250, k = 2,
         found = rubin(c(0.52, 0.48, 0.57, 0.5, 0.55), c(0.01, 0.012, 0.011, 0.009, 0.01), 250, 2)),
    list(Q = c(1, 3, 2), U = c(0.5, 0.4, 0.6), n = 30, k = 4, found = rubin(c(1, 3, 2), c(0.5, 0.4, 0.6), 30, 4)))
), digits = NA, auto_unbox = TRUE, dataframe = "columns", na = "null"))
cat("\n")
