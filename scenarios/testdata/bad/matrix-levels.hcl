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
    rate    = factor.rate
    clients = factor.clients
    keys    = factor.keys
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
  strategy = []
  rate     = 5
  clients  = [1, 1]
  keys     = [[1]]
}
