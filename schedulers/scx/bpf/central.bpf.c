/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * One CPU decides for all: the others ask it when they have nothing to run, and
 * their tasks have a slice without end, so that a kernel with nohz_full needs no
 * tick there. A timer on the central CPU preempts what ran for a slice while
 * other tasks wait.
 */
#include "common.bpf.h"

#define QUEUE 0

const volatile s32 central_cpu;

static u32 asks[MAX_CPUS];          /* the CPU wants a task */
static s64 asking;                  /* CPUs that want one */
static u64 running_since[MAX_CPUS]; /* when the task of the CPU began, ns; 0 is none */

struct alarm {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct alarm);
} alarms SEC(".maps");

/* Tasks wake up on the central CPU, so that the others are not disturbed. */
s32 OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return central_cpu;
}

void OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	count_dispatch(class_of(p));
	if (bound_kthread(p)) {
		insert_bound(p, enq_flags);
		return;
	}
	insert(p, QUEUE, SCX_SLICE_INF, enq_flags);
	if (asking > 0)
		preempt(central_cpu);
}

/* Gives cpu the first task in the queue that may run there. */
static bool serve(s32 cpu)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;
	bool served = false;

	bpf_iter_scx_dsq_new(&it, QUEUE, 0);
	while (!served && (p = bpf_iter_scx_dsq_next(&it))) {
		if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			served = move(&it, p, SCX_DSQ_LOCAL_ON | cpu);
	}
	bpf_iter_scx_dsq_destroy(&it);
	return served;
}

static void serve_all(void)
{
	struct bpf_iter_num it;
	int *cpu;

	EACH_CPU(it, cpu) {
		if (!AT(asks, *cpu) || !serve(*cpu))
			continue;
		AT(asks, *cpu) = 0;
		__sync_fetch_and_add(&asking, -1);
		scx_bpf_kick_cpu(*cpu, SCX_KICK_IDLE);
	}
	bpf_iter_num_destroy(&it);
}

static void ask(s32 cpu)
{
	if (!__sync_lock_test_and_set(&AT(asks, cpu), 1))
		__sync_fetch_and_add(&asking, 1);
	preempt(central_cpu);
}

static bool ran_slice(s32 cpu, u64 now)
{
	u64 since = AT(running_since, cpu);

	return since && now >= since + slice_ns;
}

void OP(dispatch, s32 cpu, struct task_struct *prev)
{
	if (scx_bpf_dsq_nr_queued(QUEUE) <= 0 && goes_on(prev)) {
		keep(prev, SCX_SLICE_INF);
		return;
	}
	if (cpu != central_cpu) {
		ask(cpu);
		return;
	}
	serve_all();
	/* The central CPU's own task was interrupted to decide. */
	if (goes_on(prev) && !ran_slice(cpu, bpf_ktime_get_ns())) {
		keep(prev, SCX_SLICE_INF);
		return;
	}
	if (!take(QUEUE))
		keep(prev, SCX_SLICE_INF);
}

void OP(runnable, struct task_struct *p, u64 enq_flags)
{
	reclassify(p);
}

void OP(running, struct task_struct *p)
{
	AT(running_since, scx_bpf_task_cpu(p)) = bpf_ktime_get_ns();
}

void OP(stopping, struct task_struct *p, bool still_runnable)
{
	AT(running_since, scx_bpf_task_cpu(p)) = 0;
}

static int ring(void *map, u32 *key, struct alarm *alarm)
{
	s64 waiting = scx_bpf_dsq_nr_queued(QUEUE);
	u64 now = bpf_ktime_get_ns();
	struct bpf_iter_num it;
	int *cpu;

	EACH_CPU(it, cpu) {
		if (waiting > 0 && ran_slice(*cpu, now)) {
			preempt(*cpu);
			waiting--;
		}
	}
	bpf_iter_num_destroy(&it);
	bpf_timer_start(&alarm->timer, slice_ns, BPF_F_TIMER_CPU_PIN);
	return 0;
}

/* Starts the timer on the CPU that runs this: the loader sees to it which. */
SEC("syscall")
int start_timer(void *ctx)
{
	u32 key = 0;
	struct alarm *alarm = bpf_map_lookup_elem(&alarms, &key);

	if (!alarm)
		return -ESRCH;
	bpf_timer_init(&alarm->timer, &alarms, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&alarm->timer, ring);
	return bpf_timer_start(&alarm->timer, slice_ns, BPF_F_TIMER_CPU_PIN);
}

s32 OP_SLEEPABLE(init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SEC(".struct_ops.link")
struct sched_ext_ops ops = {
	.select_cpu = (void *)select_cpu,
	.enqueue = (void *)enqueue,
	.dispatch = (void *)dispatch,
	.runnable = (void *)runnable,
	.running = (void *)running,
	.stopping = (void *)stopping,
	.init_task = (void *)init_task,
	.init = (void *)init,
	.exit = (void *)ended,
	.flags = SCX_OPS_ENQ_LAST,
	.name = "czbench_central",
};
