scenario "s" {
  blocks = 8
}

kernel "hz250" {
  hz = 250
}

zone "cz" {
  driver = "vm"
  kernel = kernel.hz250
  vcpus  = 2
}

workload "redis" "kv" {
  zone = zone.cz
  load "open" {
    zone = zone.cz
    rate = 10000
  }
}

workload "avx" "burn" {
  zone = zone.cz
}

strategy "eevdf" {}
strategy "lcfirst" {
  sched_ext "lcfirst" {
    slice = "1ms"
  }
}

phase "calm" {
  duration = "0s"
  strategy = strategy.eevdf
}

phase "strict" {
  duration = "2500ms"
  strategy = strategy.lcfirst
}
