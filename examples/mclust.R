# mclust on every sample of a block: Rscript mclust.R people.csv estimates.csv
suppressMessages(library(mclust))
files <- commandArgs(trailingOnly = TRUE)
people <- read.csv(files[1])
groups <- length(strsplit(Sys.getenv("STATURE_GROUPS"), ",")[[1]])

estimates <- lapply(split(people, people[c("replicate", "size")], drop = TRUE), function(sample) {
  set.seed(sample$seed[1])
  fit <- Mclust(sample$height_cm, G = groups, modelNames = "V", verbose = FALSE)
  if (is.null(fit)) return(NULL) # a row that is missing is a failure
  data.frame(
    replicate = sample$replicate[1], size = sample$size[1], share = fit$parameters$pro,
    mean_cm = fit$parameters$mean, sd_cm = sqrt(fit$parameters$variance$sigmasq)
  )
})
write.csv(do.call(rbind, estimates), files[2], row.names = FALSE)
