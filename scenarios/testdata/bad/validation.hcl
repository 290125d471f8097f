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
    rate = var.rate
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
  strategy = ["eevdf", "nice"]
}

variable "rate" {
  default = 5
  validation {
    condition     = var.rate > 10
    error_message = "more than 10 requests a second are needed"
  }
  validation {
    condition     = "maybe"
    error_message = "never shown"
  }
}
