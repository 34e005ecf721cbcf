# Williams' t and Fisher's z of two correlations by psych::r.test.
# Rscript comparing.R > comparing.json
suppressMessages({library(jsonlite); library(psych)})
overlapping <- list(
  list(n = 103, first = .4, second = .5, between = .1),
  list(n = 30, first = .825, second = .624, between = .597),
  list(n = 700, first = -.2, second = .1, between = -.4)
)
overlapping <- lapply(overlapping, function(x) {
  r <- r.test(n = x$n, r12 = x$first, r13 = x$second, r23 = x$between)
  c(x, list(t = r$t, p = r$p))
})
independent <- list(
  list(first = .8, second = .42, n_first = 75, n_second = 63),
  list(first = -.1, second = .25, n_first = 40, n_second = 400)
)
independent <- lapply(independent, function(x) {
  r <- r.test(n = x$n_first, r12 = x$first, n2 = x$n_second, r34 = x$second)
  c(x, list(z = r$z, p = r$p))
})
cat(toJSON(list(made_by = "comparing.R", R = R.version.string,
                packages = list(psych = as.character(packageVersion("psych"))),
                overlapping = overlapping, independent = independent),
           digits = 15, auto_unbox = TRUE, pretty = 1), "\n")
