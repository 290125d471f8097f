# Is the machine fit to be measured on? The same treatment twice in each block, as
# an A/A control: whatever differs between the two is the machine. It runs first
# on every night, and its history tells a slow machine from a slow scheduler.
scenario "aa" {
  title   = "the machine against itself"
  warmup  = "500ms"
  measure = "1500ms"
  blocks  = 12
  seed    = 20261101
}

zone "shared" {
  driver = "host"
  cpus   = cpus_take(1)
}

workload "periodic" "task" {
  role   = "lc"
  zone   = zone.shared
  period = "2ms"
  work   = "200us"
}

workload "spin" "hog" {
  role = "be"
  zone = zone.shared
}

strategy "eevdf" {}

matrix {
  strategy = ["eevdf"]
}

controls {
  aa = true
}

compare {
  baseline = strategy.eevdf
  metrics  = ["task.latency.p50", "task.latency.p99", "hog.rate"]
  margin   = 0.05
}
