scenario "s" {
  blocks = 8
}

zone "shared" {
  driver = "cgroup"
  cpus   = "0"
}

workload "redis" "kv" {
  zone = zone.shared
  slo  = { "latency.p99" = "1ms" }
  load "open" {
    zone = zone.shared
    rate = 1
  }
}

strategy "eevdf" {}

strategy "idle" {}

matrix {
  strategy = ["eevdf", "idle"]
}

report {
  labels = ["EEVDF"]
  figure "forest" {}
}
