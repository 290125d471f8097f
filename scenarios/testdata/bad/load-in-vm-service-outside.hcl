scenario "s" {
  blocks = 8
}

kernel "hz250" {
  hz = 250
}

zone "cz" {
  driver = "vm"
  kernel = kernel.hz250
  clock  = "real"
}

zone "client" {
  driver = "host"
}

workload "redis" "kv" {
  zone = zone.client
  load "open" {
    zone = zone.cz
    rate = 10000
  }
}

workload "avx" "burn" {
  zone = zone.cz
}

strategy "eevdf" {}
