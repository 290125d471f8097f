scenario "two-zones" {
  title   = "two control zones with a scheduler each, at once"
  measure = "2s"
  blocks  = 8
  seed    = 1
}

kernel "hz250" {
  hz = 250
}

kernel "hz1000" {
  hz = 1000
}

zone "one" {
  driver   = "vm"
  kernel   = kernel.hz1000
  strategy = strategy.lcfirst
}

zone "two" {
  driver   = "vm"
  kernel   = kernel.hz250
  strategy = strategy.idle
}

workload "redis" "kv" {
  zone = zone.one
  load "open" {
    zone = zone.one
    rate = 2000
  }
}

workload "avx" "burn" {
  role = "be"
  zone = zone.two
}

strategy "lcfirst" {
  sched_ext "lcfirst" {
    slice = "1ms"
  }
}

strategy "idle" {
  be = { policy = "idle" }
}

controls {
  lc_alone = true
}
