# Expected values of tests/stats/test_dominance.py. Run: Rscript dominance.R > dominance.json
# Shares of groups are averaged here over all orders of the groups from lm's R2, by brute force; the interval is boot's.
library(jsonlite)
library(boot)

r2 <- function(columns) if (length(columns)) summary(lm(reformulate(columns, "rating"), attitude))$r.squared else 0
orders <- function(x) if (length(x) < 2) list(x) else
  do.call(c, lapply(seq_along(x), function(i) lapply(orders(x[-i]), function(rest) c(x[i], rest))))
group_lmg <- function(groups) {
  gains <- sapply(orders(names(groups)), function(order) {
    inside <- character(0); before <- 0; gain <- setNames(numeric(length(groups)), names(groups))
    for (name in order) {
      inside <- c(inside, groups[[name]]); now <- r2(inside)
      gain[name] <- now - before; before <- now
    }
    gain
  })
  rowMeans(gains)
}
# Owen values: mean over the orders of factors in which the members of a group stand together
owen <- function(groups) {
  gain <- setNames(numeric(sum(lengths(groups))), unlist(groups)); count <- 0
  for (order in orders(names(groups))) {
    inner <- lapply(groups[order], orders)
    for (choice in split(expand.grid(lapply(inner, seq_along)), seq_len(prod(lengths(inner))))) {
      line <- unlist(Map(function(all, k) all[[k]], inner, unlist(choice)), use.names = FALSE)
      values <- c(0, sapply(seq_along(line), function(k) r2(line[1:k])))
      gain[line] <- gain[line] + diff(values); count <- count + 1
    }
  }
  gain / count
}
groups <- list(care = c("complaints", "privileges"), growth = c("learning", "raises"), rest = c("critical", "advance"))

set.seed(1)
x <- attitude$complaints / 10; y <- attitude$rating / 10
statistic <- function(d, i) cor(d[i, 1], d[i, 2])
drawn <- boot(cbind(x, y), statistic, R = 999)
left_out <- sapply(1:30, function(i) cor(x[-i], y[-i]))
influence <- 29 * (mean(left_out) - left_out)
bca <- boot.ci(drawn, type = "bca", L = influence)$bca

cat(toJSON(list(
  made_with = list(R = R.version.string, boot = as.character(packageVersion("boot")), data = "datasets::attitude"),
  attitude = attitude,
  groups = groups,
  group_shares = as.list(group_lmg(groups)),
  owen = as.list(owen(groups)),
  r2 = r2(setdiff(names(attitude), "rating")),
  bca = list(estimate = drawn$t0, resamples = drawn$t[, 1], jackknife = left_out, low = bca[4], high = bca[5])
), digits = NA, auto_unbox = TRUE, dataframe = "columns"))
cat("\n")
