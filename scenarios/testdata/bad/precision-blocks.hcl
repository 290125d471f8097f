scenario "s" {
  blocks = 8
  precision {
    metric     = "kv.latency.p99"
    half_width = 0.05
    max_blocks = 7
  }
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
