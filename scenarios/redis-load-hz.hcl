# Does a faster tick matter more when redis is busier, and does that depend on
# the scheduler? The load of redis crossed with the kernel's HZ, beside CPU hogs,
# under the kernel's own scheduler and under one that preempts on the tick alone;
# on one virtual CPU with a virtual clock.
scenario "redis-load-hz" {
  title   = "redis's load and the kernel's HZ, and whether they add up"
  warmup  = "300ms"
  measure = "2s"
  blocks  = 8
  seed    = 20261002
}

kernel "hz250" { hz = 250 }
kernel "hz1000" { hz = 1000 }

zone "cz" {
  driver = "vm"
  kernel = factor.kernel
  vcpus  = 1
  memory = "512MiB"
  clock  = "virtual"
  ips    = 250000000
}

workload "redis" "kv" {
  role = "lc"
  zone = zone.cz
  slo  = { "latency.p99" = "2ms" }

  load "open" {
    zone    = zone.cz
    rate    = factor.rate
    clients = 8
    keys    = 1000
  }
}

workload "spin" "hogs" {
  role    = "be"
  zone    = zone.cz
  threads = 2
}

strategy "eevdf" {}
strategy "fifo-scx" {
  sched_ext "fifo" { slice = "1ms" }
}

matrix {
  kernel   = ["hz250", "hz1000"]
  strategy = ["eevdf", "fifo-scx"]
  rate     = [250, 500, 1000]
}

compare {
  factor   = "kernel"
  baseline = "hz250"
  metrics  = ["kv.latency.p99"]
}
