scenario "s" {
  blocks = 8
}

kernel "hz250" {
  hz = 250
}

zone "cz" {
  driver = "vm"
  kernel = factor.kernel
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

matrix {
  kernel = ["hz250", "hz100"]
}
