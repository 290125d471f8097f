scenario "s" {
  blocks = 8
}

kernel "hz250" {
  hz = 2500
}
kernel "idle" {
  hz   = 250
  heat = 3
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
