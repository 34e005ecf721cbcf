# Expected values of tests/stats/test_two_waves.py, test_paired.py, test_clustered.py,
# test_permutation.py and test_needed.py. Run: Rscript two_waves.R > two_waves.json
# Data: `sleep` and `ChickWeight` of R's datasets package; printed with the values.
suppressPackageStartupMessages({library(sandwich); library(jsonlite); library(survey)})

# CR2 and Satterthwaite's degrees of freedom with full matrices, as in Bell & McCaffrey (2002); identity working model
cr2 <- function(x, y, cluster, contrast, weight = rep(1, length(y))) {
  root <- sqrt(weight); x <- x * root; y <- y * root
  bread <- solve(crossprod(x)); beta <- bread %*% crossprod(x, y); e <- as.vector(y - x %*% beta)
  away <- diag(length(y)) - x %*% bread %*% t(x)
  meat <- 0; made <- NULL
  for (g in unique(cluster)) {
    here <- which(cluster == g)
    parts <- eigen(away[here, here, drop = FALSE], symmetric = TRUE)
    adjust <- parts$vectors %*% (t(parts$vectors) / sqrt(parts$values))
    score <- adjust %*% x[here, , drop = FALSE] %*% bread %*% contrast
    meat <- meat + sum(score * e[here])^2
    made <- cbind(made, away[, here, drop = FALSE] %*% score)
  }
  form <- crossprod(made)
  list(estimate = sum(contrast * beta), error = sqrt(meat), df = sum(diag(form))^2 / sum(form^2))
}
welch <- function(x, y) {
  test <- t.test(x, y)
  list(estimate = as.numeric(test$estimate[1] - test$estimate[2]), error = test$stderr, df = as.numeric(test$parameter),
       low = test$conf.int[1], high = test$conf.int[2], p = test$p.value)
}

chicks <- subset(as.data.frame(ChickWeight), Time %in% c(0, 10))
chicks$Chick <- as.integer(as.character(chicks$Chick)); chicks$Diet <- as.integer(chicks$Diet)
chicks <- chicks[order(chicks$Chick, chicks$Time), c("weight", "Time", "Chick", "Diet")]
late <- as.numeric(chicks$Time == 10)
weight <- 1 + (chicks$Chick %% 5) / 4 + late / 2
cells <- cbind(1 - late, late)
# the change of each chick, diet 3 (rich in protein) against diet 1
both <- with(chicks, intersect(Chick[Time == 0], Chick[Time == 10]))
changes <- sapply(both, function(k) with(chicks, weight[Chick == k & Time == 10] - weight[Chick == k & Time == 0]))
diet <- sapply(both, function(k) chicks$Diet[chicks$Chick == k][1])
acted <- as.numeric(chicks$Diet == 3)
few <- chicks$Diet %in% c(1, 3)
four <- with(chicks[few, ], cbind((Diet == 1 & Time == 0), (Diet == 1 & Time == 10), (Diet == 3 & Time == 0), (Diet == 3 & Time == 10))) * 1
frame <- data.frame(y = chicks$weight[few], acted = acted[few], late = late[few], chick = chicks$Chick[few])
hc1 <- function(frame) {
  fit <- lm(y ~ acted * late, frame)
  as.list(sqrt(diag(vcovCL(fit, cluster = frame$chick, type = "HC1"))))
}
design <- svydesign(id = ~1, weights = ~weight, data = data.frame(y = chicks$weight, late = late, weight = weight))
paired <- t.test(sleep$extra[sleep$group == 2], sleep$extra[sleep$group == 1], paired = TRUE)

# all ways to choose 4 of 10 units, by Welch's t: p and the interval by trying differences (bisection)
a <- changes[diet == 3][1:4]; b <- changes[diet == 1][1:6]
exact <- function(a, b, confidence) {
  y <- c(a, b); ways <- combn(length(y), length(a))
  gap <- function(z, way) t.test(z[way], z[-way])$statistic
  one <- function(d, sign) {
    z <- y - d * (seq_along(y) <= length(a)); seen <- sign * gap(z, seq_along(a))
    mean(apply(ways, 2, function(way) sign * gap(z, way) >= seen - 1e-9 * (1 + abs(seen))))
  }
  half <- (1 - confidence) / 2 + 1e-9
  end <- function(sign) {  # the last difference not rejected towards the side of `sign`
    inside <- mean(a) - mean(b); outside <- inside - sign * 100
    for (k in 1:24) { mid <- (inside + outside) / 2; if (one(mid, sign) > half) inside <- mid else outside <- mid }
    inside
  }
  list(p = min(1, 2 * min(one(0, 1), one(0, -1))), low = end(1), high = end(-1), smallest_p = 2 / ncol(ways))
}
cat(toJSON(list(
  made_with = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")), survey = as.character(packageVersion("survey"))),
  chicks = as.list(chicks), weight = weight, changes = list(chick = both, diet = diet, change = as.numeric(changes)),
  sleep = list(first = sleep$extra[sleep$group == 1], second = sleep$extra[sleep$group == 2]),
  welch_waves = welch(chicks$weight[late == 1], chicks$weight[late == 0]),
  welch_changes = welch(changes[diet == 3], changes[diet == 1]),
  paired = list(estimate = as.numeric(paired$estimate), error = paired$stderr, df = as.numeric(paired$parameter),
                low = paired$conf.int[1], high = paired$conf.int[2], p = paired$p.value),
  clustered_waves = cr2(cells, chicks$weight, chicks$Chick, c(-1, 1)),
  clustered_weighted = cr2(cells, chicks$weight, chicks$Chick, c(-1, 1), weight),
  clustered_by_diet = cr2(cells, chicks$weight, chicks$Diet * 100 + chicks$Chick %% 3, c(-1, 1)),
  clustered_changes = cr2(cbind(diet[diet %in% c(1, 3)] == 1, diet[diet %in% c(1, 3)] == 3) * 1, changes[diet %in% c(1, 3)],
                          both[diet %in% c(1, 3)], c(-1, 1)),
  weighted_changes = cr2(cbind(diet[diet %in% c(1, 3)] == 1, diet[diet %in% c(1, 3)] == 3) * 1, changes[diet %in% c(1, 3)],
                         both[diet %in% c(1, 3)], c(-1, 1), (1 + both %% 4)[diet %in% c(1, 3)]),
  four_cells = cr2(four, frame$y, frame$chick, c(1, -1, -1, 1)),
  four_cells_hc1 = hc1(frame),
  survey_waves = list(error = as.numeric(SE(svyglm(y ~ late, design))[2])),
  exact = c(list(acted = as.numeric(a), others = as.numeric(b)), exact(a, b, .95)),
  exact_80 = exact(a, b, .80),
  power = list(n = c(30, 100, 400), detectable = sapply(c(30, 100, 400), function(n) power.t.test(n = n, power = .8, strict = TRUE)$delta),
               needed = ceiling(power.t.test(delta = .3, power = .8)$n))
), digits = NA, auto_unbox = TRUE, na = "null"))
cat("\n")
