# Is SCHED_IDLE enough to keep best-effort work out of the way, or does it take a
# scheduler that excludes it? The runq collector counts, under any scheduler,
# how often a BE task starts while an LC task of the zone wants a CPU.
scenario "exclusive-vs-idle" {
  title   = "SCHED_IDLE against mutual exclusion by a BPF scheduler"
  warmup  = "300ms"
  measure = "2s"
  blocks  = 10
  seed    = 20261003
}

kernel "hz1000" { hz = 1000 }

zone "cz" {
  driver = "vm"
  kernel = kernel.hz1000
  vcpus  = 1
  memory = "512MiB"
  clock  = "virtual"
  ips    = 250000000
}

workload "redis" "kv" {
  role = "lc"
  zone = zone.cz
  slo  = { "latency.p99" = "1ms" }

  load "open" {
    zone    = zone.cz
    rate    = 2000
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
strategy "idle" { be = { policy = "idle" } }
strategy "lcfirst" {
  sched_ext "lcfirst" { slice = "1ms" }
}

matrix {
  strategy = ["eevdf", "idle", "lcfirst"]
}

collect {
  runq {}
}

compare {
  baseline = strategy.idle
  metrics  = ["kv.latency.p99", "machine.exclusion.starts", "machine.exclusion.overlap", "hogs.rate"]
}
