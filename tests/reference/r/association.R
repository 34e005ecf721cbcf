# Measures of association of ordinal tables, from data that R packages ship.
# Rscript association.R > association.json
suppressMessages({library(jsonlite); library(MASS); library(psych); library(ordinal); library(survival); library(Hmisc)})

tables <- list(
  housing = unclass(xtabs(Freq ~ Infl + Sat, MASS::housing)),
  wine = unclass(table(ordinal::wine$rating, ordinal::wine$temp)),
  bfi = unclass(table(psych::bfi$A2, psych::bfi$A3)),
  bfi_reversed = unclass(table(psych::bfi$A1, psych::bfi$A2)),
  gears = unclass(table(mtcars$gear, mtcars$carb))
)
rows_of <- function(t) data.frame(
  x = rep(as.vector(row(t)), as.vector(t)), y = rep(as.vector(col(t)), as.vector(t)))

# The textbook formulas (Agresti 2010, Analysis of Ordinal Categorical Data; SAS PROC FREQ), cell by cell.
by_hand <- function(t) {
  a <- nrow(t); b <- ncol(t); n <- sum(t); conc <- disc <- matrix(0, a, b)
  for (i in 1:a) for (j in 1:b) for (k in 1:a) for (l in 1:b) {
    if ((k - i) * (l - j) > 0) conc[i, j] <- conc[i, j] + t[k, l]
    if ((k - i) * (l - j) < 0) disc[i, j] <- disc[i, j] + t[k, l]
  }
  p <- sum(t * conc); q <- sum(t * disc); d <- conc - disc
  r <- rowSums(t); c <- colSums(t); wr <- n^2 - sum(r^2); wc <- n^2 - sum(c^2); w <- sqrt(wr * wc)
  tau <- (p - q) / w
  v <- outer(r * wc, c * wr, "+")
  tau_se <- sqrt(sum(t * (2 * w * d + tau * v)^2) - n^3 * tau^2 * (wr + wc)^2) / w^2
  gamma <- (p - q) / (p + q)
  gamma_se <- 4 / (p + q)^2 * sqrt(sum(t * (q * conc - p * disc)^2))
  somers_se <- 2 / wr^2 * sqrt(sum(t * (wr * d - (p - q) * (n - matrix(r, a, b)))^2))
  reversed_se <- 2 / wc^2 * sqrt(sum(t * (wc * d - (p - q) * (n - matrix(c, a, b, byrow = TRUE)))^2))
  list(kendall = c(tau, tau_se), gamma = c(gamma, gamma_se), somers = c((p - q) / wr, somers_se),
       somers_reversed = c((p - q) / wc, reversed_se))
}

# Spearman: the infinitesimal jackknife, by moving one millionth of the weight to each cell in turn.
weighted_spearman <- function(share) {
  mid <- function(m) cumsum(m) - m / 2
  x <- mid(rowSums(share)); y <- mid(colSums(share)); x <- x - .5; y <- y - .5
  sum(share * outer(x, y)) / sqrt(sum(rowSums(share) * x^2) * sum(colSums(share) * y^2))
}
spearman_se <- function(t) {
  n <- sum(t); share <- t / n; eps <- 1e-6; influence <- share * 0
  for (cell in seq_along(share)) {
    up <- share * (1 - eps); up[cell] <- up[cell] + eps
    down <- share * (1 + eps); down[cell] <- down[cell] - eps
    influence[cell] <- (weighted_spearman(up) - weighted_spearman(down)) / (2 * eps)
  }
  sqrt(sum(share * influence^2) / n)
}

cases <- lapply(tables, function(t) {
  d <- rows_of(t)
  kendall <- suppressWarnings(cor.test(d$x, d$y, method = "kendall", exact = FALSE))
  spearman <- suppressWarnings(cor.test(d$x, d$y, method = "spearman", exact = FALSE))
  conc <- concordance(x ~ y, d)   # pairs tied on x are left out: D of y given x
  dxy <- rcorr.cens(d$y, d$x, outx = FALSE)
  list(table = t, n = sum(t), by_hand = by_hand(t),
       cor_test_kendall = c(unname(kendall$estimate), kendall$p.value),
       cor_test_spearman = c(unname(spearman$estimate), spearman$p.value),
       spearman_jackknife_se = spearman_se(t),
       survival_somers = c(2 * unname(conc$concordance) - 1, 2 * sqrt(conc$var)),
       hmisc_dxy = unname(dxy[c("Dxy", "S.D.")]))
})
versions <- sapply(c("survival", "Hmisc", "psych", "ordinal", "MASS"), function(p) as.character(packageVersion(p)))
cat(toJSON(list(made_by = "association.R", R = R.version.string, packages = as.list(versions), cases = cases),
           digits = 15, auto_unbox = TRUE, matrix = "rowmajor", pretty = 1), "\n")
