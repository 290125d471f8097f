scenario "in-zones" {
  title   = "zones inside a control zone, driven from this machine"
  measure = "2s"
  blocks  = 8
  seed    = 1
}

kernel "hz1000" {
  hz = 1000
}

zone "lc" {
  driver = "cgroup"
  in     = zone.cz
  cpus   = "0"
}

zone "be" {
  driver = "cgroup"
  in     = zone.cz
  cpus   = "0-2"
}

zone "cz" {
  driver = "vm"
  kernel = kernel.hz1000
  vcpus  = 3
  cpus   = cpus_take(1)
}

zone "client" {
  driver = "cgroup"
  cpus   = cpus_rest()
}

workload "redis" "kv" {
  zone = zone.lc
  load "open" {
    zone = zone.client
    rate = 2000
  }
}

workload "avx" "burn" {
  role = "be"
  zone = zone.be
}

strategy "pinned" {
  be = { cpus = "2" }
}

controls {
  be_alone = true
}
