# What does redis suffer beside which kind of neighbour, under which strategy,
# and how much of the CPU that it wants does the neighbour get?
#
#   czbench run scenarios/neighbours.hcl
#   czbench run scenarios/neighbours.hcl -var rate=60000 --only neighbour=wave,crowd
#
# docs/scenarios/neighbours.md explains the choices.

scenario "neighbours" {
  title   = "redis beside neighbours of four kinds on one CPU"
  warmup  = "200ms"
  measure = "1s"
  blocks  = 7 # one more than the comparisons need, should one be lost
  seed    = 20261123
}

variable "rate" {
  type        = number
  default     = 30000
  description = "requests a second that redis is offered"
}

locals {
  # What each of so many threads wants of a CPU: mean ± amplitude.
  neighbours = {
    light = { threads = 1, mean = 0.2, amplitude = 0 }
    wave  = { threads = 1, mean = 0.5, amplitude = 0.45 }
    full  = { threads = 1, mean = 1, amplitude = 0 }
    crowd = { threads = 4, mean = 0.5, amplitude = 0.45 }
  }
  neighbour = local.neighbours[factor.neighbour]
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
    rate      = var.rate
    arrivals  = "poisson"
    clients   = 20
    ratio     = "1:10"
    data_size = 32
    keys      = 10000
  }
}

workload "sine" "beside" {
  role      = "be"
  zone      = zone.shared
  period    = "500ms"
  threads   = local.neighbour.threads
  mean      = local.neighbour.mean
  amplitude = local.neighbour.amplitude
}

strategy "eevdf" {}

strategy "idle" {
  be = { policy = "idle" }
}

strategy "fifo" {
  lc = { policy = "fifo", priority = 10 }
}

matrix {
  neighbour = ["light", "wave", "full", "crowd"]
  strategy  = ["eevdf", "idle", "fifo"]
}

controls {
  lc_alone = true
  be_alone = true
  lc_max   = true
}

collect {
  interval = "100ms"
  proc {}
  # runq {} # where the kernel has BTF: how long each waits for the CPU
}

compare {
  baseline   = strategy.eevdf
  metrics    = ["kv.latency.p99", "beside.rate", "machine.emu"]
  margin     = 0.02
  correction = "bh" # a matrix to explore
}
