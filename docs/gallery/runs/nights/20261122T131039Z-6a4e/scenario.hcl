# A scenario of the gallery: one night of many, and a short one.
scenario "nights" {
  title   = "a periodic task, night after night"
  warmup  = "50ms"
  measure = "250ms"
  blocks  = 5
  seed    = 20261125
}

zone "here" {
  driver = "host"
  cpus   = cpus_take(1)
}

workload "periodic" "task" {
  role   = "lc"
  zone   = zone.here
  period = "1ms"
  work   = "200us"
}

compare {
  metrics = ["task.latency.p50"]
}
