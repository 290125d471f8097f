scenario "unprivileged" {
  title       = "what runs without root"
  warmup      = "100ms"
  measure     = "300ms"
  blocks      = 1
  seed        = 1
  max_dropped = 1
}

zone "shared" {
  driver = "host"
  cpus   = cpus_take(1)
}

zone "client" {
  driver = "host"
  cpus   = cpus_rest()
}

workload "redis" "kv" {
  role = "lc"
  zone = zone.shared
  load "closed" {
    zone    = zone.client
    clients = 4
    keys    = 1000
  }
}

workload "avx" "burn" {
  role = "be"
  zone = zone.shared
}

strategy "default" {}
strategy "nice" { be = { nice = 19 } }
strategy "batch" { be = { policy = "batch" } }
strategy "idle" { be = { policy = "idle" } }
strategy "fifo" {
  lc = { policy = "fifo", priority = 10 }
}

matrix { strategy = ["default", "nice", "batch", "idle", "fifo"] }

compare {
  baseline = strategy.default
  metrics  = ["kv.latency.p99", "burn.rate"]
}
