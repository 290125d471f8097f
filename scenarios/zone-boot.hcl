# How long a control zone takes from the start of its virtual machine to an agent
# that answers, kernels side by side. It runs in real time; without KVM the
# numbers are those of an emulator and say little about hardware.
scenario "zone-boot" {
  title   = "time to agent"
  warmup  = "0s"
  measure = "1s"
  blocks  = 7
  seed    = 20261007
}

kernel "hz250" { hz = 250 }
kernel "hz1000" { hz = 1000 }

zone "cz" {
  driver = "vm"
  kernel = factor.kernel
  memory = "512MiB"
  reuse  = false # every trial boots
}

workload "periodic" "tick" {
  role   = "lc"
  zone   = zone.cz
  period = "10ms"
  work   = "100us"
}

matrix {
  kernel = ["hz250", "hz1000"]
}

compare {
  factor   = "kernel"
  baseline = "hz250"
  metrics  = ["zone.cz.boot", "zone.cz.boot.guest"]
}
