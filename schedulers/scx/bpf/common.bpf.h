/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What all schedulers share: classes, counters, and how they ended. */
#ifndef CZBENCH_COMMON_BPF_H
#define CZBENCH_COMMON_BPF_H

#include "kernel.bpf.h"

char _license[] SEC("license") = "GPL";

/*
 * Latency-critical and best-effort tasks are told by their cgroups; everything
 * else is the system class: kernel threads, the harness, load generators.
 */
enum class {
	SYSTEM,
	LC,
	BE,
	CLASSES,
};

/* Settings of the loader. */
const volatile u64 slice_ns = 20000000;
const volatile u32 nr_cpus = 1;

u64 dispatches[CLASSES]; /* times that a task of a class was put into a queue */
u64 kicks;               /* CPUs told to preempt what they run */

/* The end of the scheduler as the kernel tells it; kind 0 is not yet. */
struct ending {
	u64 kind;
	s64 code;
	char reason[128];
	char message[1024];
} ending;

/* Class by the id of a v2 cgroup; it holds for the groups below it too. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, u32);
} groups SEC(".maps");

/* What is known of a task. */
struct task {
	u32 class;   /* when it last became runnable */
	u32 counted; /* lcfirst: how it is counted as a runnable LC */
	u64 began;   /* se.sum_exec_runtime when it was given a CPU */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task);
} tasks SEC(".maps");

#define DEPTH 4 /* levels of groups below that of a workload that are told, and itself */

static inline u32 classify(struct task_struct *p)
{
	struct cgroup_subsys_state *parent;
	struct cgroup *group;
	u32 *class;
	u64 id;
	int i;

	if (p->flags & PF_KTHREAD)
		return SYSTEM;
	group = p->cgroups->dfl_cgrp;
#pragma unroll
	for (i = 0; i < DEPTH; i++) {
		id = group->kn->id;
		class = bpf_map_lookup_elem(&groups, &id);
		if (class)
			return *class;
		parent = group->self.parent;
		if (!parent)
			break;
		group = parent->cgroup;
	}
	return SYSTEM;
}

static inline struct task *task_of(struct task_struct *p)
{
	return bpf_task_storage_get(&tasks, p, 0, 0);
}

/*
 * A task may have changed its group while it slept, and a new one has its group
 * only when it is first woken.
 */
static inline struct task *reclassify(struct task_struct *p)
{
	struct task *t = task_of(p);

	if (t)
		t->class = classify(p);
	return t;
}

static inline u32 class_of(struct task_struct *p)
{
	struct task *t = task_of(p);

	return t && t->class < CLASSES ? t->class : SYSTEM;
}

static inline void count_dispatch(u32 class)
{
	if (class < CLASSES)
		__sync_fetch_and_add(&dispatches[class], 1);
}

static inline void preempt(s32 cpu)
{
	__sync_fetch_and_add(&kicks, 1);
	scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT);
}

static inline bool bound_kthread(struct task_struct *p)
{
	return (p->flags & PF_KTHREAD) && p->nr_cpus_allowed == 1;
}

/* Lets an idle CPU look for work after p was queued; a wake-up may find none. */
static inline void kick_idle(struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

/* Puts a task that wakes up on an idle CPU at once, where there is one. */
static inline s32 wake_idle(struct task_struct *p, s32 prev_cpu, u64 wake_flags, u64 slice)
{
	bool idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);

	if (idle) {
		count_dispatch(class_of(p));
		insert(p, SCX_DSQ_LOCAL, slice, 0);
	}
	return cpu;
}

/* Whether prev, the last task of a CPU, wants to go on. */
static inline bool goes_on(struct task_struct *prev)
{
	return prev && (prev->scx.flags & SCX_TASK_QUEUED);
}

/*
 * Keeps prev on its CPU for another slice; without this the kernel would give
 * it its own default, 20 ms.
 */
static inline void keep(struct task_struct *prev, u64 slice)
{
	if (goes_on(prev))
		prev->scx.slice = slice;
}

/* A kernel thread of one CPU serves that CPU and goes before everything there. */
static inline void insert_bound(struct task_struct *p, u64 enq_flags)
{
	insert(p, SCX_DSQ_LOCAL, slice_ns, enq_flags | SCX_ENQ_PREEMPT);
}

#define MAX_CPUS 1024 /* a power of two */

/* A CPU's entry of a table; the mask shows the verifier that it is inside. */
#define AT(table, cpu) ((table)[(cpu) & (MAX_CPUS - 1)])

/* Runs the statement that follows for each CPU, with its number in *cpu. */
#define EACH_CPU(it, cpu)                         \
	bpf_iter_num_new(&(it), 0, (int)nr_cpus); \
	while (((cpu) = bpf_iter_num_next(&(it))))

#define OP(name, args...) SEC("struct_ops/" #name) BPF_PROG(name, ##args)
#define OP_SLEEPABLE(name, args...) SEC("struct_ops.s/" #name) BPF_PROG(name, ##args)

/* The operations that are the same for all schedulers. */
s32 OP_SLEEPABLE(init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return bpf_task_storage_get(&tasks, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE) ? 0 : -ENOMEM;
}

void OP(ended, struct scx_exit_info *info)
{
	bpf_probe_read_kernel_str(ending.reason, sizeof(ending.reason), info->reason);
	bpf_probe_read_kernel_str(ending.message, sizeof(ending.message), info->msg);
	ending.code = info->exit_code;
	ending.kind = info->kind;
}

#endif
