scenario "phases" {
  title  = "the strategy changes while the load goes on"
  blocks = 11
  seed   = 1
}

variable "length" {
  type    = string
  default = "3s"
}

zone "shared" {
  driver = "cgroup"
  cpus   = cpus_take(1)
}

workload "redis" "kv" {
  zone = zone.shared
  slo  = { "latency.p99" = "1ms" }
  load "open" {
    zone = zone.shared
    rate = 2000
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

strategy "idle" {
  be = { policy = "idle" }
}

phase "before" {
  duration = "2s"
  strategy = strategy.eevdf
}

phase "strict" {
  duration = var.length
  strategy = factor.second
}

matrix {
  second = ["nice", "idle"]
}

controls {
  lc_alone = true
}

collect {
  proc {}
}

compare {
  factor   = "second"
  baseline = strategy.nice
  metrics  = ["kv.latency.p99", "phase.strict.kv.latency.p99", "phase.strict.kv.rate"]
}
