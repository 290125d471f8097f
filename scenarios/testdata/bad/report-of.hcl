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
    of = "vk"
  }
  figure "points" {
    of = "kv.latency.p98"
  }
  figure "forest" {
    of    = "nobody.latency.p99"
    title = "two\nlines"
  }
}
