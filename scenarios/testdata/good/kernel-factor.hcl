scenario "kernel-factor" {
  title   = "the timer frequency of a control zone, by strategy"
  warmup  = "1s"
  measure = "2s"
  blocks  = 11
  seed    = 1
}

kernel "hz250" {
  hz = 250
}

kernel "hz1000" {
  hz = 1000
}

kernel "unused" {
  image = "images/bzImage"
}

zone "cz" {
  driver = "vm"
  kernel = factor.kernel
  vcpus  = factor.vcpus
  clock  = "virtual"
}

workload "redis" "kv" {
  zone = zone.cz
  slo  = { "latency.p99" = "5ms" }
  load "open" {
    zone = zone.cz
    rate = 2000
  }
}

workload "avx" "burn" {
  role = "be"
  zone = zone.cz
}

strategy "eevdf" {}

strategy "idle" {
  be = { policy = "idle" }
}

strategy "lcfirst" {
  sched_ext "lcfirst" {
    slice    = "1ms"
    be_share = 0.01
  }
}

matrix {
  kernel   = ["hz250", "hz1000"]
  vcpus    = [1, 2]
  strategy = ["eevdf", "idle", "lcfirst"]
}

controls {
  lc_alone = true
}

compare {
  factor   = "kernel"
  baseline = kernel.hz250
  metrics  = ["kv.latency.p99"]
}
