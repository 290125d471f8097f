package guest

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/proto"
)

// hello says what this machine is. What cannot be read is left out.
func hello() proto.Message {
	var b proto.HelloBody
	var uts unix.Utsname
	if unix.Uname(&uts) == nil {
		b.Release, b.Version = unix.ByteSliceToString(uts.Release[:]), unix.ByteSliceToString(uts.Version[:])
	}
	b.Uptime = uptime("/proc/uptime")
	if online, err := os.ReadFile("/sys/devices/system/cpu/online"); err == nil {
		b.CPUs = strings.TrimSpace(string(online))
	}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		b.Memory = int64(info.Totalram) * int64(info.Unit)
	}
	if f, err := os.Open("/proc/config.gz"); err == nil {
		b.Kernel, _ = kernel.ReadConfig(f)
		_ = f.Close()
	}
	body, _ := json.Marshal(b) // plain data
	return proto.Message{Kind: proto.Hello, Body: body}
}

// uptime reads the seconds since the kernel's start, proc_uptime(5):
//
//	2.53 1.98
func uptime(file string) float64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	seconds, _ := strconv.ParseFloat(first, 64) // 0 is unknown
	return seconds
}
