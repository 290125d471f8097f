# A task whose work is what is under test: its builds differ in nanoseconds, but
# for those that are a tenth slower.
scenario "task" {
  title   = "a task of one period"
  warmup  = "50ms"
  measure = "200ms"
  blocks  = 4
  seed    = 1
}

variable "work" {
  type    = string
  default = "1ms"
}

zone "here" { driver = "host" }

workload "periodic" "task" {
  role   = "lc"
  zone   = zone.here
  period = "4ms"
  work   = var.work
}

# Real-time, so that what else the machine does is no part of the test.
strategy "fifo" {
  lc = { policy = "fifo", priority = 10 }
}

matrix { strategy = ["fifo"] }

compare {
  metrics = ["task.latency.p50"]
  margin  = 0.04
}
