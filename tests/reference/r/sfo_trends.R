# Expected values of tests/real/test_sfo_trends.py. Run: Rscript sfo_trends.R ../../../../shared/data/sfo_airport > sfo_trends.json
# Data: customer survey of San Francisco International Airport, 2013-2017 (open data of the City and County of San
# Francisco); of it, only the means and errors below are kept here.
suppressPackageStartupMessages({library(survey); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
later <- c(overall = "Q7ALL", art = "Q7ART", food = "Q7FOOD", stores = "Q7STORE", signs = "Q7SIGN", walkways = "Q7WALKWAYS",
  screens = "Q7SCREENS", wifi = "Q7WIFI", roads = "Q7ROADS", clean_boarding = "Q9BOARDING", clean_restrooms = "Q9RESTROOM",
  getting_there = "Q13GETRATE", find_way = "Q14FIND", security = "Q14PASSTHRU", safe = "Q10SAFE")
first <- c(overall = "Q7O_WHOLE", art = "Q7A_ART", food = "Q7B_FOOD", stores = "Q7C_SHOPS", signs = "Q7D_SIGNS",
  walkways = "Q7E_WALK", screens = "Q7F_SCREENS", wifi = "Q7I_WIFI", roads = "Q7J_ROAD", clean_boarding = "Q9A_CLNBOARD",
  clean_restrooms = "Q9E_CLNBATH", getting_there = "Q13_RATEGETTO", find_way = "Q14A_FIND", security = "Q14B_SECURITY",
  safe = "Q10SAFE")
steps <- list(arrive = c("getting_there", "roads"), security = c("security", "safe"),
  inside = c("find_way", "signs", "walkways", "screens"),
  wait = c("food", "stores", "wifi", "art", "clean_boarding", "clean_restrooms"))
valid <- function(x, low, high) { x <- suppressWarnings(as.numeric(as.character(x))); ifelse(x >= low & x <= high, x, NA) }
one <- function(year) {
  raw <- read.csv(file.path(folder, sprintf("%d_SFO_Customer_Survey.csv", year)), check.names = FALSE,
    fileEncoding = "latin1", colClasses = "character")
  names(raw) <- trimws(names(raw))
  columns <- if (year == 2013) first else later
  out <- as.data.frame(lapply(columns, function(column) valid(raw[[column]], 1, 5)))
  out$referral <- if ("NETPRO" %in% names(raw)) valid(raw$NETPRO, 0, 10) else NA
  out$peak <- raw$PEAK; out$wave <- year; out$weight <- as.numeric(raw$WEIGHT)
  out <- out[!is.na(out$overall) | !is.na(out$referral), ]
  out$weight <- out$weight / mean(out$weight)
  out
}
all <- do.call(rbind, lapply(2013:2017, one))
for (step in names(steps)) {
  answers <- as.matrix(all[steps[[step]]]); given <- rowSums(!is.na(answers))
  all[[paste0("step.", step)]] <- ifelse(given >= ncol(answers) / 2, rowMeans(answers, na.rm = TRUE), NA)
}
line <- function(measure) {
  there <- all[!is.na(all[[measure]]), ]; there$y <- there[[measure]]
  mix <- tapply(there$weight, there$peak, sum); mix <- mix / sum(mix)
  do.call(rbind, lapply(sort(unique(there$wave)), function(wave) {
    part <- there[there$wave == wave, ]
    design <- svydesign(id = ~1, weights = ~weight, data = part)
    same <- postStratify(design, ~peak, data.frame(peak = names(mix), Freq = as.numeric(mix) * sum(part$weight)))
    found <- svymean(~y, design); mixed <- svymean(~y, same)
    data.frame(kind = if (grepl("^step", measure)) "step" else "question", measure = sub("^step[.]", "", measure),
      wave = as.character(wave), n = nrow(part), mean = as.numeric(coef(found)), se = as.numeric(SE(found)),
      same_mix = as.numeric(coef(mixed)), same_mix_se = as.numeric(SE(mixed)))
  }))
}
table <- do.call(rbind, lapply(c("referral", names(later), paste0("step.", names(steps))), line))
cat(toJSON(list(made_with = list(R = R.version.string, survey = as.character(packageVersion("survey"))), rows = nrow(all),
  table = table), digits = 10, dataframe = "columns", auto_unbox = TRUE))
cat("\n")
