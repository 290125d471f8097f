scenario "precise" {
  title       = "a run that ends by the width of its intervals"
  warmup      = "0s"
  measure     = "100ms"
  blocks      = 10
  seed        = 7
  max_dropped = 1

  precision {
    metric     = var.metric
    half_width = var.half_width
    max_blocks = var.max_blocks
  }
}

variable "metric" {
  type    = string
  default = "task.slo.attained"
}

variable "half_width" {
  type    = number
  default = 1 # what no interval of a share exceeds
}

variable "max_blocks" {
  type    = number
  default = 11
}

zone "shared" {
  driver = "cgroup"
  cpus   = cpus_take(1)
}

workload "periodic" "task" {
  role   = "lc"
  zone   = zone.shared
  period = "1ms"
  work   = "50us"
  slo    = { "latency.p99" = "1ms" }
}

strategy "eevdf" {}
strategy "nice" { lc = { nice = -10 } }

matrix { strategy = ["eevdf", "nice"] }

compare {
  baseline = strategy.eevdf
  metrics  = ["task.slo.attained", "task.latency.p99"]
}
