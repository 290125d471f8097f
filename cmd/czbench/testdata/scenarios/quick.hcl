scenario "quick" {
  title       = "a short run for the tests"
  warmup      = "100ms"
  measure     = "300ms"
  blocks      = 2
  seed        = 42
  max_dropped = 1
}

variable "width" {
  type    = number
  default = 0
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
  slo  = { "latency.p99" = "1ms" }
  # A closed load is never "not kept up with", however busy the machine is.
  load "closed" {
    zone    = zone.client
    clients = 8
    keys    = 1000
  }
}

workload "avx" "burn" {
  role  = "be"
  zone  = zone.shared
  width = var.width
}

strategy "eevdf" {}
strategy "idle" { be = { policy = "idle" } }
strategy "weight" { be = { cpu_weight = 1 } }

matrix { strategy = ["eevdf", "idle", "weight"] }

controls {
  lc_alone = true
  be_alone = true
  lc_max   = true
}

collect {
  interval = "50ms"
  proc {}
  cgroup {}
}

compare {
  baseline = strategy.eevdf
  metrics  = ["kv.latency.p99", "burn.rate", "machine.emu"]
}
