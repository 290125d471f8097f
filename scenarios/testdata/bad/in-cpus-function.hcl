scenario "s" {
  blocks = 8
}

kernel "hz250" {
  hz = 250
}

zone "cz" {
  driver = "vm"
  kernel = kernel.hz250
}

zone "inner" {
  driver = "cgroup"
  in     = zone.cz
  cpus   = cpus_take(1)
}

zone "other" {
  driver = "cgroup"
  in     = zone.cz
  cpus   = cpus_rest()
}

workload "redis" "kv" {
  zone = zone.inner
  load "open" {
    zone = zone.other
    rate = 10000
  }
}

workload "avx" "burn" {
  zone = zone.cz
}

strategy "eevdf" {}
