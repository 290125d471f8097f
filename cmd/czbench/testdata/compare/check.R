# What R says about CSV files with the columns group, value and, where values
# are paired, block: for each group against the first one, a line of the file,
# the group, the name of a number and the number. Only for checking.
for (needed in c("coin", "exactRankTests")) {
  if (!requireNamespace(needed, quietly = TRUE)) { cat("missing", needed, "\n"); quit() }
}
quiet <- function(e) suppressWarnings(suppressMessages(e))

# The order statistics that bound the Hodges-Lehmann estimate: k = qsignrank or
# qwilcox at alpha/2, but at least the outermost pair, as in wilcox.test.
bounds <- function(sorted, k) { k <- max(k, 1); c(sorted[k], sorted[length(sorted) + 1 - k]) }

pair <- function(d) {
  n <- length(d)
  means <- outer(d, d, "+") / 2
  walsh <- sort(means[lower.tri(means, diag = TRUE)])
  # Equal differences of logarithms differ in their last bits.
  ranked <- signif(d, 12)
  t <- t.test(d)
  list(p = quiet(exactRankTests::wilcox.exact(ranked)$p.value), estimate = median(walsh),
       interval = bounds(walsh, qsignrank(0.025, n)), narrow = bounds(walsh, qsignrank(0.05, n)), t = t)
}

independent <- function(x, y) {
  n <- length(x); m <- length(y)
  shifts <- sort(as.vector(outer(y, x, "-")))
  tied <- any(duplicated(c(x, y)))
  if (n * m > 3600) {
    p <- quiet(wilcox.test(x, y, exact = FALSE)$p.value)
  } else if (tied) {
    d <- data.frame(v = c(x, y), g = factor(rep(1:2, c(n, m))))
    p <- as.numeric(coin::pvalue(coin::wilcox_test(v ~ g, d, distribution = "exact")))
  } else {
    p <- wilcox.test(x, y, exact = TRUE)$p.value
  }
  list(p = p, estimate = median(shifts), interval = bounds(shifts, qwilcox(0.025, n, m)),
       narrow = bounds(shifts, qwilcox(0.05, n, m)), t = t.test(y, x), exact = n * m <= 3600)
}

for (file in commandArgs(TRUE)) {
  d <- read.csv(file)
  names(d) <- tolower(names(d))
  say <- function(group, key, v) cat(file, group, key, format(v, digits = 17), "\n")
  groups <- unique(d$group)
  ratio <- all(d$value > 0)
  d$f <- if (ratio) log(d$value) else d$value
  back <- if (ratio) expm1 else identity
  if ("block" %in% names(d)) {
    whole <- names(which(table(d$block) == length(groups)))
    d <- d[as.character(d$block) %in% whole, ]
    d <- d[order(d$block), ]
  }
  ps <- c()
  for (group in groups[-1]) {
    x <- d[d$group == groups[1], ]; y <- d[d$group == group, ]
    r <- if ("block" %in% names(d)) pair(y$f - x$f) else independent(x$f, y$f)
    ps <- c(ps, r$p)
    say(group, "n", nrow(x))
    say(group, "p", r$p)
    say(group, "estimate", back(r$estimate))
    if (is.null(r$exact) || r$exact) {
      say(group, "low", back(r$interval[1])); say(group, "high", back(r$interval[2]))
      say(group, "tost_low", back(r$narrow[1])); say(group, "tost_high", back(r$narrow[2]))
    }
    if (!is.null(r$t)) {
      mean <- if (length(r$t$estimate) == 2) r$t$estimate[1] - r$t$estimate[2] else r$t$estimate
      say(group, "t", back(unname(mean))); say(group, "t_p", r$t$p.value)
      say(group, "t_low", back(r$t$conf.int[1])); say(group, "t_high", back(r$t$conf.int[2]))
    }
    say(group, "cliff", mean(sign(outer(y$value, x$value, "-"))))
  }
  holm <- p.adjust(ps, "holm")
  for (i in seq_along(holm)) say(groups[-1][i], "p_adjusted", holm[i])
}
