# A scenario of the gallery: one night of many, and a short one. From the eleventh
# night on scripts/gallery-runs has somebody else compute on the same CPU at nice
# 10. That made the task faster where it was run: a virtual CPU that is never idle
# need not be woken by the hypervisor.
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
