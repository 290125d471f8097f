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

zone "inner" {
  driver = "cgroup"
  in     = zone.cz
  cpus   = "1-2"
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
