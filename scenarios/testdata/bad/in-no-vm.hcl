scenario "s" {
  blocks = 8
}

zone "cz" {
  driver = "cgroup"
}

zone "inner" {
  driver = "cgroup"
  in     = zone.cz
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
