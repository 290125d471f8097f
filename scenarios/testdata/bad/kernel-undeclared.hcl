scenario "s" {
  blocks = 8
}

zone "cz" {
  driver = "vm"
  kernel = "hz250"
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
