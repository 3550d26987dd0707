# Fits mixtures in one R process, so that starting R is not timed. Reads requests, one a line, from
# standard input: package, file of doubles, number of people, tolerance (negative: the default),
# most steps (0: the default), seconds to repeat for. Answers one line: seconds a fit, steps, and
# shares, means and SDs; or "absent".

suppressWarnings(suppressMessages({
  has_mclust <- requireNamespace("mclust", quietly = TRUE)
  has_mixtools <- requireNamespace("mixtools", quietly = TRUE)
}))

halves <- function(x) {
  lower <- rank(x, ties.method = "first") <= length(x) %/% 2
  list(lower = lower, share = mean(lower), mean = c(mean(x[lower]), mean(x[!lower])),
       sd = c(sd(x[lower]), sd(x[!lower])))
}

fit_mclust <- function(x, tolerance, steps) {
  mclustBIC <- mclust::mclustBIC
  control <- if (tolerance < 0) mclust::emControl() else
    mclust::emControl(tol = c(tolerance, tolerance), itmax = c(steps, steps))
  fit <- mclust::Mclust(x, G = 2, modelNames = "V", verbose = FALSE, control = control)
  p <- fit$parameters
  list(steps = NaN, theta = c(p$pro, p$mean, sqrt(p$variance$sigmasq)))
}

# meV is what Mclust calls; a knowing user calls it and spares all the rest.
fit_mev <- function(x, tolerance, steps) {
  control <- mclust::emControl(
    tol = if (tolerance < 0) c(1e-5, sqrt(.Machine$double.eps)) else c(tolerance, tolerance),
    itmax = if (steps > 0) c(steps, steps) else c(.Machine$integer.max, .Machine$integer.max))
  lower <- x <= median(x)
  z <- cbind(as.double(lower), as.double(!lower))
  fit <- mclust::meV(x, z = z, control = control)
  p <- fit$parameters
  list(steps = attr(fit, "info")[["iterations"]],
       theta = c(p$pro, p$mean, sqrt(p$variance$sigmasq)))
}

fit_mixtools <- function(x, tolerance, steps) {
  start <- halves(x)
  arguments <- list(x, lambda = c(start$share, 1 - start$share), mu = start$mean, sigma = start$sd,
                    epsilon = if (tolerance < 0) 1e-8 else tolerance,
                    maxit = if (steps > 0) steps else 1000)
  fit <- suppressMessages(suppressWarnings(do.call(mixtools::normalmixEM, arguments)))
  list(steps = length(fit$all.loglik) - 1, theta = c(fit$lambda, fit$mu, fit$sigma))
}

requests <- file("stdin", "r")
while (length(line <- readLines(requests, 1)) > 0) {
  word <- strsplit(line, " ")[[1]]
  fit <- switch(word[1], mclust = if (has_mclust) fit_mclust,
                meV = if (has_mclust) fit_mev, mixtools = if (has_mixtools) fit_mixtools)
  if (is.null(fit)) {
    cat("absent\n")
    flush(stdout())
    next
  }
  x <- readBin(word[2], "double", as.integer(word[3]))
  calls <- 0
  invisible(gc())
  sink(nullfile())
  begun <- Sys.time()
  repeat {
    result <- fit(x, as.double(word[4]), as.integer(word[5]))
    calls <- calls + 1
    seconds <- as.double(difftime(Sys.time(), begun, units = "secs"))
    if (seconds >= as.double(word[6])) break
  }
  sink()
  cat(format(c(seconds / calls, result$steps, result$theta), digits = 17), "\n")
  flush(stdout())
}
