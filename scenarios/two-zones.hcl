# Two control zones at once, each with a scheduler of its own: what one of them
# schedules with must not matter to the other.
scenario "two-zones" {
  title   = "two zones with different schedulers at once"
  warmup  = "300ms"
  measure = "1s"
  blocks  = 8
  seed    = 20261006
}

kernel "hz1000" { hz = 1000 }

zone "left" {
  driver   = "vm"
  kernel   = kernel.hz1000
  memory   = "512MiB"
  clock    = "virtual"
  ips      = 250000000
  strategy = strategy.eevdf
}

zone "right" {
  driver   = "vm"
  kernel   = kernel.hz1000
  memory   = "512MiB"
  clock    = "virtual"
  ips      = 250000000
  strategy = factor.right
}

workload "periodic" "left-tick" {
  role   = "lc"
  zone   = zone.left
  period = "2ms"
  work   = "200us"
}
workload "spin" "left-hogs" {
  role    = "be"
  zone    = zone.left
  threads = 2
}

workload "periodic" "right-tick" {
  role   = "lc"
  zone   = zone.right
  period = "2ms"
  work   = "200us"
}
workload "spin" "right-hogs" {
  role    = "be"
  zone    = zone.right
  threads = 2
}

strategy "eevdf" {}
strategy "vtime" {
  sched_ext "vtime" { slice = "1ms" }
}
strategy "lcfirst" {
  sched_ext "lcfirst" { slice = "1ms" }
}

matrix {
  right = ["eevdf", "vtime", "lcfirst"]
}

compare {
  factor   = "right"
  baseline = "eevdf"
  metrics  = ["left-tick.wakeup.p99", "right-tick.wakeup.p99"]
}
