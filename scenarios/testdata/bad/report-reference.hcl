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
  figure "ccdf" {
    reference = "published"
  }
  figure "load" {
    reference = "publishd"
  }
  figure "load" {
    full_load = 1000
  }
  figure "load" {
    reference = "printed"
    full_load = 0
  }
  figure "load" {
    reference = factor.strategy
    full_load = "1s"
  }
}
