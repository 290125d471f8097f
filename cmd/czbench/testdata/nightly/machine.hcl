scenario "machine" {
  title   = "the same twice"
  warmup  = "50ms"
  measure = "200ms"
  blocks  = 8
  seed    = 2
}

zone "here" { driver = "host" }

workload "periodic" "task" {
  role   = "lc"
  zone   = zone.here
  period = "4ms"
  work   = "1ms"
}

# Real-time, so that what else the machine does is no part of the test.
strategy "fifo" {
  lc = { policy = "fifo", priority = 10 }
}

matrix { strategy = ["fifo"] }

controls { aa = true }

compare {
  metrics = ["task.latency.p50"]
  margin  = 0.1
}
