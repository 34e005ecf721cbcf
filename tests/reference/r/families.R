# Expected values of tests/stats/test_families.py. Run: Rscript families.R > families.json
library(jsonlite)
# the fifteen p values of Benjamini & Hochberg (1995), two of them given twice, and some that could not be had
published <- c(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1)
ties <- c(0.04, 0.01, NA, 0.04, 0.2, NA, 0.013, 0.01, 0.9)
all_methods <- function(p) lapply(c(bh = "BH", by = "BY", holm = "holm"), function(method) p.adjust(p, method))
cat(toJSON(list(
  made_with = list(R = R.version.string, `function` = "stats::p.adjust"),
  published = list(p = published, adjusted = all_methods(published)),
  ties = list(p = ties, adjusted = all_methods(ties))
), digits = NA, auto_unbox = TRUE, na = "null"))
cat("\n")
