/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What the programs here use of the kernel and of BPF. Structs name only the
 * fields that are read; their places are found when the program is loaded
 * (CO-RE, Documentation/bpf/btf.rst), so that one object file serves all
 * kernels. */
#pragma once

typedef unsigned char __u8;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;

#define SEC(name) __attribute__((section(name), used))
#define inline inline __attribute__((always_inline))
/* Keeps the compiler from testing a variable together with others. */
#define apart(variable) __asm__ volatile("" : "+r"(variable))
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name

/* include/uapi/linux/bpf.h */
#define BPF_MAP_TYPE_HASH 1
#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_TASK_STORAGE 29
#define BPF_F_NO_PREALLOC (1 << 0)
#define BPF_F_MMAPABLE (1 << 10)
#define BPF_LOCAL_STORAGE_GET_F_CREATE 1

struct bpf_spin_lock {
	__u32 val;
};

struct task_struct;

static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static __u32 (*const bpf_get_smp_processor_id)(void) = (void *)8;
static long (*const bpf_spin_lock)(struct bpf_spin_lock *lock) = (void *)93;
static long (*const bpf_spin_unlock)(struct bpf_spin_lock *lock) = (void *)94;
static void *(*const bpf_task_storage_get)(void *map, struct task_struct *task, void *value,
					   __u64 flags) = (void *)156;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
};

struct task_struct {
	unsigned int __state;
	int on_cpu;
	int on_rq;
	struct css_set *cgroups;
};

struct bpf_iter__task {
	struct task_struct *task;
};

#pragma clang attribute pop
