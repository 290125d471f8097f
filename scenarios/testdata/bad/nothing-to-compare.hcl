scenario "s" {
  blocks = 8
}

zone "shared" {
  driver = "cgroup"
  cpus   = "0"
}

workload "redis" "kv" {
  zone = zone.shared
  load "open" {
    zone = zone.shared
    rate = factor.rate
  }
}

matrix {
  rate = [1, 2]
}

compare {
  metrics = ["kv.rate"]
}
