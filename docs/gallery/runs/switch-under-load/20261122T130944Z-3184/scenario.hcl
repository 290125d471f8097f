# The strategy changes while redis keeps serving: the kernel's default, then
# SCHED_IDLE for the neighbour, then a BPF scheduler, then the default again.
scenario "switch-under-load" {
  title  = "switching the strategy under load"
  warmup = "300ms"
  blocks = 6
  seed   = 20261005
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
strategy "idle" { be = { policy = "idle" } }
strategy "lcfirst" {
  sched_ext "lcfirst" { slice = "1ms" }
}

phase "before" {
  duration = "2s"
  strategy = strategy.eevdf
}
phase "idle" {
  duration = "2s"
  strategy = strategy.idle
}
phase "exclusive" {
  duration = "2s"
  strategy = strategy.lcfirst
}
phase "after" {
  duration = "2s"
  strategy = strategy.eevdf
}

matrix {
  rate = [1000, 2000]
}

collect {
  interval = "500ms" # reading takes CPU time from the zone
  proc {}
}
