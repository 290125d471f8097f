package scx

// The compiled schedulers are committed, so that building czbench needs no C
// compiler. They are of one kind for all little-endian machines.
//
//go:generate go tool bpf2go -cc clang-16 -strip llvm-strip-16 -target bpfel -no-global-types fifo bpf/fifo.bpf.c -- -O2 -mcpu=v3 -Wall -Werror
//go:generate go tool bpf2go -cc clang-16 -strip llvm-strip-16 -target bpfel -no-global-types vtime bpf/vtime.bpf.c -- -O2 -mcpu=v3 -Wall -Werror
//go:generate go tool bpf2go -cc clang-16 -strip llvm-strip-16 -target bpfel -no-global-types lcfirst bpf/lcfirst.bpf.c -- -O2 -mcpu=v3 -Wall -Werror
//go:generate go tool bpf2go -cc clang-16 -strip llvm-strip-16 -target bpfel -no-global-types central bpf/central.bpf.c -- -O2 -mcpu=v3 -Wall -Werror
