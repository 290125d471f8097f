# What does each scheduling strategy do to redis and to the vector-unit
# neighbour that shares its CPU?
#
#   czbench run scenarios/redis-avx.hcl
#   czbench run scenarios/redis-avx.hcl -var rate=60000 --blocks 20
#
# docs/scenarios/redis-avx.md explains the choices and shows a result.

scenario "redis-avx" {
  title   = "redis beside a vector-unit neighbour on one CPU"
  warmup  = "300ms"
  measure = "1500ms"
  blocks  = 12 # two more than 20 comparisons need, should one be lost
  seed    = 20240301
}

variable "rate" {
  type        = number
  default     = 30000
  description = "requests a second that redis is offered"
  validation {
    condition     = var.rate >= 1000
    error_message = "at least 1000 requests a second are needed for a p99 in a 2 s window"
  }
}

variable "width" {
  type        = number
  default     = 0
  description = "vector width of the neighbour in bits: 128, 256, 512, or 0 for the widest that the CPU has"
  validation {
    condition     = contains([0, 128, 256, 512], var.width)
    error_message = "width must be 0, 128, 256 or 512"
  }
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

  load "open" {
    zone      = zone.client
    rate      = var.rate
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

strategy "batch" {
  be = { policy = "batch" }
}

strategy "nice" {
  be = { nice = 19 }
}

strategy "idle" {
  be = { policy = "idle" }
}

strategy "weight" {
  be = { cpu_weight = 1 }
}

strategy "fifo" {
  lc = { policy = "fifo", priority = 10 }
}

matrix {
  strategy = ["eevdf", "batch", "nice", "idle", "weight", "fifo"]
}

controls {
  lc_alone = true
  be_alone = true
  lc_max   = true
}

collect {
  interval = "100ms"
  cgroup {}
  proc {}
}

compare {
  baseline = strategy.eevdf
  metrics  = ["kv.latency.p99", "kv.slo.attained", "burn.rate", "machine.emu"]
  margin   = 0.02
}
