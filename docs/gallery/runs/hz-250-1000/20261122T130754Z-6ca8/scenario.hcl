# What the tick rate of the kernel (CONFIG_HZ) does to latency-critical work
# beside CPU hogs, by scheduling strategy.
#
# The zone has one virtual CPU and a virtual clock: time is a count of executed
# instructions, so every latency is exact and the same on any machine. Each
# block has another seed, hence other arrivals and keys: that is where the
# spread comes from.
scenario "hz-250-1000" {
  title   = "HZ 250 and 1000 by scheduling strategy, on one virtual CPU"
  warmup  = "300ms"
  measure = "2s"
  blocks  = 10
  seed    = 20261001
}

variable "rate" {
  type        = number
  default     = 1000
  description = "requests a second to redis"
}

kernel "hz250" { hz = 250 }
kernel "hz1000" { hz = 1000 }

zone "cz" {
  driver = "vm"
  kernel = factor.kernel
  vcpus  = 1
  memory = "512MiB"
  clock  = "virtual"
  ips    = 250000000
}

# Two latency-critical workloads, one that is asked and one that wakes by itself.
workload "redis" "kv" {
  role = "lc"
  zone = zone.cz
  slo  = { "latency.p99" = "2ms" }

  load "open" {
    zone      = zone.cz
    rate      = var.rate
    clients   = 8
    keys      = 1000
    data_size = 32
  }
}

workload "periodic" "tick" {
  role   = "lc"
  zone   = zone.cz
  period = "10ms"
  work   = "200us"
}

workload "spin" "hogs" {
  role    = "be"
  zone    = zone.cz
  threads = 2
}

strategy "eevdf" {}
strategy "nice" { be = { nice = 19 } }
strategy "idle" { be = { policy = "idle" } }
strategy "fifo-scx" {
  sched_ext "fifo" { slice = "1ms" }
}
strategy "lcfirst" {
  sched_ext "lcfirst" { slice = "1ms" }
}

matrix {
  kernel   = ["hz250", "hz1000"]
  strategy = ["eevdf", "nice", "idle", "fifo-scx", "lcfirst"]
}

compare {
  baseline = strategy.eevdf
  metrics  = ["kv.latency.p99", "tick.wakeup.p99", "hogs.rate"]
}
