# A scenario of the gallery: how a task suffers as its neighbour wants more and
# more of their CPU.
scenario "dose" {
  title   = "a periodic task beside more and more of a neighbour"
  warmup  = "100ms"
  measure = "600ms"
  blocks  = 6
  seed    = 20261124
}

zone "shared" {
  driver = "cgroup"
  cpus   = cpus_take(1)
}

workload "periodic" "task" {
  role   = "lc"
  zone   = zone.shared
  period = "2ms"
  work   = "400us"
}

workload "sine" "beside" {
  role      = "be"
  zone      = zone.shared
  mean      = factor.dose
  amplitude = 0
}

strategy "eevdf" {}
strategy "nice" { be = { nice = 19 } }
strategy "idle" { be = { policy = "idle" } }

matrix {
  strategy = ["eevdf", "nice", "idle"]
  dose     = [0.25, 0.5, 0.75, 1]
}

controls {
  lc_alone = true
  be_alone = true
}

compare {
  baseline   = strategy.eevdf
  metrics    = ["task.latency.p99"]
  correction = "bh"
}
