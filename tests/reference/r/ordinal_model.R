# Expected values of tests/stats/test_ordinal_model.py. Run: Rscript ordinal_model.R > ordinal_model.json
# polr and clm fit; sandwich gives clustered errors of clm; Brant's statistic is written out here from glm's binary models as in
# Brant (1990), because the package brant is not in Debian; shares average McFadden's R2 of clm over all orders of entering.
library(jsonlite)
library(MASS)
library(ordinal)
library(sandwich)

as_table <- function(model) list(coef = as.list(coef(model)), se = as.list(sqrt(diag(vcov(model)))))

house <- polr(Sat ~ Infl + Type + Cont, weights = Freq, data = housing, Hess = TRUE)
house_clm <- clm(Sat ~ Infl + Type + Cont, weights = Freq, data = housing, gradTol = 1e-10)

# wine tasting, Randall (1989): nine judges taste eight bottles each; rating 1-5
data(wine)
d <- data.frame(rating = as.integer(wine$rating), warm = as.integer(wine$temp == "warm"),
                contact = as.integer(wine$contact == "yes"), bottle = as.integer(wine$bottle), judge = as.integer(wine$judge))
tasted <- clm(factor(rating) ~ warm + contact, data = d, gradTol = 1e-10)
clustered <- sqrt(diag(vcovCL(tasted, cluster = d$judge, type = "HC0", cadjust = TRUE)))
robust <- sqrt(diag(vcovCL(tasted, cluster = seq_len(nrow(d)), type = "HC0", cadjust = TRUE)))

brant <- function(frame, outcome, factors, weights) {
  levels <- sort(unique(frame[[outcome]])); cuts <- head(levels, -1)
  X <- cbind(1, as.matrix(frame[factors]))
  fits <- lapply(cuts, function(cut) glm.fit(X, as.integer(frame[[outcome]] > cut), weights, family = binomial(),
                                             control = glm.control(epsilon = 1e-14, maxit = 100)))
  chance <- sapply(fits, function(fit) fit$fitted.values)
  inverse <- lapply(seq_along(cuts), function(k) solve(t(X) %*% (X * weights * chance[, k] * (1 - chance[, k]))))
  p <- length(factors); K <- length(cuts); V <- matrix(0, K * p, K * p)
  for (k in 1:K) for (l in k:K) {
    block <- inverse[[k]] %*% (t(X) %*% (X * weights * chance[, l] * (1 - chance[, k]))) %*% inverse[[l]]
    rows <- (k - 1) * p + 1:p; columns <- (l - 1) * p + 1:p
    V[rows, columns] <- block[-1, -1]; V[columns, rows] <- t(block[-1, -1])
  }
  betas <- sapply(fits, function(fit) fit$coefficients[-1])
  b <- as.vector(betas)
  D <- kronecker(cbind(-1, diag(K - 1)), diag(p))
  wald <- function(D) { z <- D %*% b; as.numeric(t(z) %*% solve(D %*% V %*% t(D)) %*% z) }
  each <- sapply(1:p, function(j) wald(D[seq(j, nrow(D), by = p), , drop = FALSE]))
  list(cuts = cuts, coefficients = t(betas), statistic = wald(D), df = nrow(D), each = each, each_df = K - 1)
}
h <- data.frame(Sat = as.integer(housing$Sat), model.matrix(~ Infl + Type + Cont, housing)[, -1], Freq = housing$Freq)
names(h) <- c("Sat", "InflMedium", "InflHigh", "TypeApartment", "TypeAtrium", "TypeTerrace", "ContHigh", "Freq")

orders <- function(x) if (length(x) < 2) list(x) else
  do.call(c, lapply(seq_along(x), function(i) lapply(orders(x[-i]), function(rest) c(x[i], rest))))
null <- as.numeric(logLik(clm(factor(rating) ~ 1, data = d)))
mcfadden <- function(columns) if (length(columns))
  1 - as.numeric(logLik(clm(reformulate(columns, "factor(rating)"), data = d, gradTol = 1e-10))) / null else 0
names3 <- c("warm", "contact", "bottle")
gains <- sapply(orders(names3), function(order) {
  steps <- c(0, sapply(seq_along(order), function(k) mcfadden(order[1:k])))
  setNames(diff(steps), order)[names3]
})

version <- function(name) as.character(packageVersion(name))
cat(toJSON(list(
  made_with = list(R = R.version.string, MASS = version("MASS"), ordinal = version("ordinal"), sandwich = version("sandwich"),
                   data = "MASS::housing, ordinal::wine"),
  housing = h,
  polr = c(as_table(house), list(deviance = deviance(house))),
  clm = c(as_table(house_clm), list(logLik = as.numeric(logLik(house_clm)))),
  housing_brant = brant(h, "Sat", names(h)[2:7], h$Freq),
  wine = d,
  wine_clm = c(as_table(tasted), list(logLik = as.numeric(logLik(tasted)), clustered = as.list(clustered),
                                      robust = as.list(robust))),
  wine_shares = as.list(rowMeans(gains)),
  wine_worth = list(warm = mcfadden("warm"), contact = mcfadden("contact"), bottle = mcfadden("bottle"),
                    all = mcfadden(names3))
), digits = NA, auto_unbox = TRUE, dataframe = "columns"))
cat("\n")
