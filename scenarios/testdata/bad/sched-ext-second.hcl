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

strategy "a" {
  sched_ext "fifo" {}
  sched_ext "lcfirst" {}
}
