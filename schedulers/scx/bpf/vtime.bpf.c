/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * One queue for all CPUs, ordered by virtual time: the time that a task ran,
 * divided by its weight, which is that of its nice value.
 */
#include "common.bpf.h"

#define QUEUE 0
#define DEFAULT_WEIGHT 100

static u64 now; /* virtual time of what last began to run */

static bool before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

s32 OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	reclassify(p);
	return wake_idle(p, prev_cpu, wake_flags, slice_ns);
}

void OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 vtime = p->scx.dsq_vtime;

	count_dispatch(class_of(p));
	if (bound_kthread(p)) {
		insert_bound(p, enq_flags);
		return;
	}
	/* A task that slept is ahead by one slice at most. */
	if (before(vtime, now - slice_ns))
		vtime = now - slice_ns;
	insert_vtime(p, QUEUE, slice_ns, vtime, enq_flags);
	kick_idle(p);
}

/*
 * Virtual time of p, with what it ran since it was given a CPU. That is not what
 * is missing of its slice, which ends on a tick only.
 */
static u64 charged(struct task_struct *p)
{
	struct task *t = task_of(p);
	u64 weight = p->scx.weight;

	if (!t || !weight)
		return p->scx.dsq_vtime;
	return p->scx.dsq_vtime + (p->se.sum_exec_runtime - t->began) * DEFAULT_WEIGHT / weight;
}

static void advance(u64 vtime)
{
	if (before(now, vtime))
		now = vtime;
}

/* Whether a task with vtime goes before all that wait; also when none does. */
static bool is_first(u64 vtime)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *head;
	bool first = true;

	bpf_iter_scx_dsq_new(&it, QUEUE, 0);
	head = bpf_iter_scx_dsq_next(&it);
	if (head)
		first = before(vtime, head->scx.dsq_vtime);
	bpf_iter_scx_dsq_destroy(&it);
	return first;
}

void OP(dispatch, s32 cpu, struct task_struct *prev)
{
	if (goes_on(prev) && is_first(charged(prev))) {
		advance(charged(prev));
		keep(prev, slice_ns);
	} else if (!take(QUEUE)) {
		keep(prev, slice_ns);
	}
}

void OP(runnable, struct task_struct *p, u64 enq_flags)
{
	reclassify(p);
}

void OP(running, struct task_struct *p)
{
	struct task *t = task_of(p);

	if (t)
		t->began = p->se.sum_exec_runtime;
	advance(p->scx.dsq_vtime);
}

void OP(stopping, struct task_struct *p, bool still_runnable)
{
	p->scx.dsq_vtime = charged(p);
}

void OP(enable, struct task_struct *p)
{
	p->scx.dsq_vtime = now;
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
	.enable = (void *)enable,
	.init = (void *)init,
	.exit = (void *)ended,
	.name = "czbench_vtime",
};
