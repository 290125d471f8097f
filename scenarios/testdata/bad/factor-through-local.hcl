scenario "s" {
  blocks = local.twice
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
    rate = local.twice
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
  rate     = [1, 2]
}

locals {
  twice = factor.rate * 2
}
