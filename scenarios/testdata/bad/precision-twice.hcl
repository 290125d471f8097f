scenario "s" {
  precision {
    metric     = "kv.latency.p99"
    half_width = factor.strategy
    max_blocks = 30
  }
  precision {}
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
    rate = 10000
  }
}

workload "avx" "burn" {
  role = "be"
  zone = zone.shared
}

strategy "eevdf" {}
strategy "nice" {
  be = { nice = 19 }
}

matrix {
  strategy = ["eevdf", "nice"]
}
