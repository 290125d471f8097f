kernel "controlzone01" {
  image   = "/var/lib/cz/kernels/bzImage"
  preempt = "full"
  cmdline = ["nohz_full=3-5", "mitigations=off"]
}

zone "controlzone01" {
  driver = "vm"
  kernel = kernel.controlzone01
  vcpus  = 4
  cpus   = "2-5"
  memory = "4096MB"
  # meta.workdir "/var/lib/cz" has no counterpart: the files of a VM are in a private folder as long as it runs
  # meta.share_folder "/var/lib/cz/share" has no counterpart: everything that a workload needs is packed into the guest; name further programs in tools
  # os.initram_fs "/var/lib/cz/initramfs" has no counterpart: the guest boots an initramfs made for the trial, with czbench as its first process
  # os.rootfs "/var/lib/cz/images/root.qcow2" has no counterpart: the guest has no disk: programs and their libraries are in its initramfs
  # os.kcmdline "vmlinuz-virt initrd=initramfs-virt root=LABEL=root rootfstype=ext4 console=ttyS0" has no counterpart: these parameters are set for the guest, or are about its disk
  # resource.static_net "192.0.2.10 255.255.255.0 192.0.2.1" has no counterpart: a load on the host reaches the service through a port that is forwarded for the trial
}
