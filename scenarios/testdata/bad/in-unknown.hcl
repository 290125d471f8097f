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
  in     = "czz"
}

workload "redis" "kv" {
  zone = zone.inner
  load "open" {
    zone = zone.inner
    rate = 10000
  }
}

workload "avx" "burn" {
  zone = zone.cz
}

strategy "eevdf" {}
