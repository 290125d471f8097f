// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Run-queue latency by workload, and how well a zone's scheduler keeps its
 * best-effort (BE) work off the CPUs while latency-critical (LC) work waits.
 *
 * Each thread of a workload is in one of three states, which change at
 * sched_wakeup, sched_wakeup_new and sched_switch. The kernel makes these three
 * one after another for one thread, so a thread's state needs no lock; the sums
 * over threads have one each. */
#include "kernel.h"

#define BUCKETS 280 /* as in histogram.go */
#define SUB_BITS 3

enum state { UNKNOWN, OFF, WAITING, RUNNING };

/* A thread. */
struct thread {
	__u32 workload;
	__u32 state;
	__u64 since; /* of its waiting, ns; 0 when it does not wait or the begin was not seen */
};

/* The threads of one workload, and the time in each combination of their
 * states up to since. Times are in ns of CLOCK_MONOTONIC. */
struct workload {
	struct bpf_spin_lock lock;
	__u32 zone;
	__u32 best_effort;
	__s32 waiting;
	__s32 running;
	__u32 padding;
	__u64 since;
	__u64 on_cpu;  /* at least one was running */
	__u64 stalled; /* none was running, at least one was waiting */
};

/* One zone's exclusion: the same over its LC and BE threads. */
struct zone {
	struct bpf_spin_lock lock;
	__s32 waiting; /* LC */
	__s32 running; /* BE */
	__u32 padding;
	__u64 since;
	__u64 overlap; /* both at once */
	__u64 starts;  /* a BE was given a CPU while an LC waited */
};

/* What one CPU has counted for one workload. */
struct counts {
	__u64 waits[BUCKETS]; /* by length */
	__u64 longest;        /* of those that ended in the measured window, ns */
	__u64 voluntary;
	__u64 involuntary;
	__u64 preemptions; /* involuntary, and another workload or the system got the CPU */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64); /* id of a cgroup */
	__type(value, __u32);
} groups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct workload);
} workloads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct zone);
} zones SEC(".maps");

/* At workload · cpus + cpu: each CPU writes its own, and user space reads them
 * without a system call. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counts);
} counted SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread);
} threads SEC(".maps");

const volatile __u32 cpus = 1;
const volatile __s32 hierarchy = -1; /* number of a v1 controller; -1 is cgroup v2 */
volatile __u64 begin, end;           /* of the measured window, ns */

/* Times that a thread was met in a state that it cannot be in, because an event
 * did not reach the programs, or that there was no memory to follow one. The
 * sums are right again from the thread's next event on. */
__u64 lost;

/* group_of gives the id of the thread's cgroup, which is the inode of its
 * folder, in the hierarchy in which workloads have one each. */
static inline __u64 group_of(struct task_struct *p)
{
	if (hierarchy < 0)
		return p->cgroups->dfl_cgrp->kn->id;
	return p->cgroups->subsys[hierarchy & 15]->cgroup->kn->id;
}

static inline void lose(void)
{
	__sync_fetch_and_add(&lost, 1);
}

/* thread_of gives the record of a thread of a workload, and nothing for the
 * others. */
static inline struct thread *thread_of(struct task_struct *p)
{
	struct thread *t = bpf_task_storage_get(&threads, p, 0, 0);
	if (t)
		return t;
	__u64 id = group_of(p);
	__u32 *workload = bpf_map_lookup_elem(&groups, &id);
	if (!workload)
		return 0;
	struct thread new = {.workload = *workload};
	t = bpf_task_storage_get(&threads, p, &new, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!t)
		lose();
	return t;
}

static inline struct counts *counts_of(struct thread *t)
{
	__u32 at = t->workload * cpus + bpf_get_smp_processor_id();
	return bpf_map_lookup_elem(&counted, &at);
}

/* The clocks of two CPUs can differ by some ns, and the later of two may get a
 * lock first: no time passes then. */
static inline __u64 passed(__u64 *since, __u64 now)
{
	if (now <= *since)
		return 0;
	__u64 d = now - *since;
	*since = now;
	return d;
}

static inline void account_zone(struct workload *w, int waiting, int running, __u64 now)
{
	__u32 at = w->zone;
	int best_effort = w->best_effort;
	if (best_effort ? !running : !waiting)
		return;
	struct zone *z = bpf_map_lookup_elem(&zones, &at);
	if (!z)
		return;
	bpf_spin_lock(&z->lock);
	__u64 d = passed(&z->since, now);
	if (z->waiting > 0 && z->running > 0)
		z->overlap += d;
	if (best_effort)
		z->running += running;
	else
		z->waiting += waiting;
	bpf_spin_unlock(&z->lock);
}

/* account brings the sums up to now and moves one thread from a state to
 * another. */
static inline void account(struct thread *t, __u32 from, __u32 to, __u64 now)
{
	__u32 at = t->workload;
	int waiting = (to == WAITING) - (from == WAITING);
	int running = (to == RUNNING) - (from == RUNNING);
	struct workload *w = bpf_map_lookup_elem(&workloads, &at);
	if (!w || (!waiting && !running))
		return;
	bpf_spin_lock(&w->lock);
	__u64 d = passed(&w->since, now);
	if (w->running > 0)
		w->on_cpu += d;
	else if (w->waiting > 0)
		w->stalled += d;
	w->waiting += waiting;
	w->running += running;
	bpf_spin_unlock(&w->lock);
	account_zone(w, waiting, running, now);
}

/* start counts a BE thread that is given a CPU while an LC waits. */
static inline void start(struct thread *t)
{
	__u32 at = t->workload;
	struct workload *w = bpf_map_lookup_elem(&workloads, &at);
	if (!w || !w->best_effort)
		return;
	at = w->zone;
	struct zone *z = bpf_map_lookup_elem(&zones, &at);
	if (!z)
		return;
	bpf_spin_lock(&z->lock);
	if (z->waiting > 0)
		z->starts++;
	bpf_spin_unlock(&z->lock);
}

/* move sets a thread's state, keeps the sums, and returns the state before. */
static inline __u32 move(struct thread *t, __u32 to, __u64 now)
{
	__u32 from = __sync_lock_test_and_set(&t->state, to);
	account(t, from, to, now);
	return from;
}

/* bucket_of gives the place of a length in the histogram: eight buckets to each
 * power of two, as in histogram.go. */
static inline __u32 bucket_of(__u64 ns)
{
	__u32 exponent = 0;
	__u64 v = ns;
	if (ns < (1 << SUB_BITS))
		return ns;
	if (v >> 32) { exponent += 32; v >>= 32; }
	if (v >> 16) { exponent += 16; v >>= 16; }
	if (v >> 8) { exponent += 8; v >>= 8; }
	if (v >> 4) { exponent += 4; v >>= 4; }
	if (v >> 2) { exponent += 2; v >>= 2; }
	exponent += v >> 1;
	__u32 b = ((exponent - SUB_BITS) << SUB_BITS) + (ns >> (exponent - SUB_BITS));
	return b < BUCKETS ? b : BUCKETS - 1;
}

static inline void record(struct thread *t, __u64 now)
{
	struct counts *c = counts_of(t);
	__u64 since = t->since;
	if (!c || !since)
		return;
	__u64 wait = passed(&since, now);
	__u32 b = bucket_of(wait);
	if (b < BUCKETS)
		c->waits[b]++;
	if (now >= begin && now < end && wait > c->longest)
		c->longest = wait;
}

static inline int woken(struct task_struct *p)
{
	struct thread *t = thread_of(p);
	/* A thread that is woken before it has left its CPU is neither off it nor
	 * does it wait. */
	if (!t || t->state == WAITING || t->state == RUNNING)
		return 0;
	__u64 now = bpf_ktime_get_ns();
	t->since = now;
	move(t, WAITING, now);
	return 0;
}

SEC("tp_btf/sched_wakeup")
int sched_wakeup(__u64 *ctx)
{
	return woken((struct task_struct *)ctx[0]);
}

SEC("tp_btf/sched_wakeup_new")
int sched_wakeup_new(__u64 *ctx)
{
	return woken((struct task_struct *)ctx[0]);
}

/* left notes that a thread leaves its CPU. It still wants to run when it was
 * preempted or its state says so; the state is read of the task because the
 * tracepoint's own argument is wrong for a thread with a signal pending. */
static inline void left(struct thread *t, int wants, struct thread *next, __u64 now)
{
	struct counts *c = counts_of(t);
	t->since = wants ? now : 0;
	__u32 from = move(t, wants ? WAITING : OFF, now);
	if (from == WAITING || from == OFF)
		lose();
	if (!c)
		return;
	if (!wants) {
		c->voluntary++;
		return;
	}
	c->involuntary++;
	if (!next || next->workload != t->workload)
		c->preemptions++;
}

SEC("tp_btf/sched_switch")
int sched_switch(__u64 *ctx)
{
	struct task_struct *prev = (struct task_struct *)ctx[1];
	struct task_struct *next = (struct task_struct *)ctx[2];
	struct thread *leaves = thread_of(prev);
	struct thread *comes = thread_of(next);
	if (!leaves) {
		apart(comes); /* the verifier forbids to join two pointers by "or" */
		if (!comes)
			return 0;
	}
	__u64 now = bpf_ktime_get_ns();
	if (leaves)
		left(leaves, ctx[0] || !prev->__state, comes, now);
	if (comes) {
		__u32 from = move(comes, RUNNING, now);
		if (from == WAITING)
			record(comes, now);
		else if (from != UNKNOWN)
			lose();
		comes->since = 0;
		start(comes);
	}
	return 0;
}

/* Threads that were there before the programs above were attached. What these
 * have seen of a thread meanwhile is newer than what is read here, so it stays. */
SEC("iter/task")
int present(struct bpf_iter__task *ctx)
{
	struct task_struct *p = ctx->task;
	if (!p)
		return 0;
	struct thread *t = thread_of(p);
	if (!t)
		return 0;
	__u32 state = OFF;
	if (p->on_cpu)
		state = RUNNING;
	else if (p->on_rq == 1 && !p->__state)
		state = WAITING;
	if (__sync_val_compare_and_swap(&t->state, UNKNOWN, state) == UNKNOWN)
		account(t, UNKNOWN, state, bpf_ktime_get_ns());
	return 0;
}

char _license[] SEC("license") = "GPL";
