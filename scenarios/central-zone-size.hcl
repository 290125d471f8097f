# One CPU that schedules for all the others (central), against schedulers in which
# each CPU looks after itself, from one to four virtual CPUs. The guest's
# nohz_full lets CPUs that run a single task go without a tick, which is what
# central is for.
#
# It runs in real time, because virtual CPUs with a virtual clock take turns and
# see each other late. Without KVM the numbers are those of an emulator.
scenario "central-zone-size" {
  title   = "central dispatch by zone size"
  warmup  = "300ms"
  measure = "1s"
  blocks  = 9
  seed    = 20261004
}

kernel "tickless" {
  hz      = 1000
  cmdline = ["nohz_full=1-3"]
}

zone "cz" {
  driver = "vm"
  kernel = kernel.tickless
  vcpus  = factor.vcpus
  memory = "256MiB"
}

workload "periodic" "tick" {
  role   = "lc"
  zone   = zone.cz
  period = "2ms"
  work   = "100us"
  slo    = { "latency.p99" = "1ms" }
}

workload "spin" "hogs" {
  role    = "be"
  zone    = zone.cz
  threads = factor.vcpus
}

strategy "eevdf" {}
strategy "fifo-scx" {
  sched_ext "fifo" { slice = "1ms" }
}
strategy "central" {
  sched_ext "central" { slice = "1ms" }
}

matrix {
  vcpus    = [1, 2, 3, 4]
  strategy = ["eevdf", "fifo-scx", "central"]
}

compare {
  baseline = strategy.eevdf
  metrics  = ["tick.wakeup.p99"]
}
