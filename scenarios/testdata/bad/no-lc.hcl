scenario "s" {
  blocks = 8
}

zone "shared" {
  driver = "cgroup"
  cpus   = "0"
}

workload "avx" "burn" {
  role = "be"
  zone = zone.shared
}

strategy "eevdf" {}
strategy "nice" {
  be = { nice = 19 }
}

matrix {
  strategy = ["eevdf", "nice"]
}
