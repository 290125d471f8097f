# How much load does redis carry within its SLO beside a vector-unit neighbour,
# and how much more under which scheduling strategy?
#
#   czbench run scenarios/redis-capacity.hcl
#   czbench capacity redis-capacity/latest
#
# docs/scenarios/redis-capacity.md explains the choices and shows a result.

scenario "redis-capacity" {
  title   = "the largest load of redis under its SLO, beside a vector-unit neighbour"
  warmup  = "300ms"
  measure = "2500ms"
  blocks  = 10
  seed    = 20261122
}

zone "shared" {
  driver = "cgroup"
  cpus   = cpus_take(1)
}

zone "client" {
  driver = "cgroup"
  cpus   = cpus_rest()
}

workload "redis" "kv" {
  role = "lc"
  zone = zone.shared
  slo  = { "latency.p99" = "2ms" }

  load "open" {
    zone      = zone.client
    rate      = factor.rate
    clients   = 50
    ratio     = "1:10"
    data_size = 32
    keys      = 100000
  }
}

workload "avx" "burn" {
  role = "be"
  zone = zone.shared
}

strategy "eevdf" {}

strategy "idle" {
  be = { policy = "idle" }
}

strategy "fifo" {
  lc = { policy = "fifo", priority = 10 }
}

matrix {
  strategy = ["eevdf", "idle", "fifo"]
  rate     = [40000, 80000, 100000, 120000, 140000, 160000]
}

collect {
  interval = "100ms"
  proc {}
}

compare {
  baseline = strategy.eevdf
  metrics  = ["kv.latency.p99"]
}

capacity {
  factor   = "rate"
  workload = "kv"
  metric   = "latency.p99"
  bound    = "2ms"
}
