scenario "redis-avx" {
  title   = "redis beside a vector-unit neighbour on one CPU"
  warmup  = "2s"
  measure = "5s"
  blocks  = 11
  seed    = 20240301
}

variable "width" {
  type        = number
  default     = 512
  description = "vector width of the neighbour, bits: 128, 256 or 512"
  validation {
    condition     = contains([128, 256, 512], var.width)
    error_message = "width must be 128, 256 or 512"
  }
}

locals {
  port = 16379
}

zone "client" {
  driver = "cgroup"
  cpus   = cpus_rest()
}

zone "shared" {
  driver = "cgroup"
  cpus   = cpus_take(1)
  memory = "1GiB"
}

workload "redis" "kv" {
  role = "lc"
  zone = zone.shared
  port = local.port
  slo  = { "latency.p99" = "1ms" }

  load "open" {
    zone      = zone.client
    rate      = factor.rate
    arrivals  = "poisson"
    clients   = 50
    ratio     = "1:10"
    data_size = 32
    keys      = 100000
  }
}

workload "avx" "burn" {
  role      = "be"
  zone      = zone.shared
  width     = var.width
  precision = "double"
}

strategy "eevdf" {}
strategy "nice" { be = { nice = 19 } }
strategy "idle" { be = { policy = "idle" } }
strategy "batch" { be = { policy = "batch" } }
strategy "fifo" { lc = { policy = "fifo" } }

matrix {
  strategy = ["eevdf", "nice", "idle", "fifo"]
  rate     = range(10000, 30000, 10000)
  exclude {
    strategy = "fifo"
    rate     = 20000
  }
}

controls {
  lc_alone = true
  be_alone = true
}

collect {
  interval = "100ms"
  cgroup {}
  proc {}
}

compare {
  baseline = strategy.eevdf
  metrics  = ["kv.latency.p99", "kv.latency.p999", "kv.slo.attained", "burn.rate", "kv.slowdown"]
  margin   = 0.02
}
