scenario "s" {
  blocks = 8
}

zone "shared" {
  driver = "cgroup"
  cpus   = "0"
}

workload "redis" "kv" {
  role = "lc"
  zone = zone.shared
  slo  = { "latency.p99" = "1ms" }
  load "open" {
    zone = zone.shared
    rate = factor.rate
  }
}

matrix {
  rate = [1000, 2000]
}

capacity {
  factor = "rate"
  bound  = 5
}
