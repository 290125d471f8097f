/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* One queue for all CPUs, first in, first out; a task runs for one slice. */
#include "common.bpf.h"

#define QUEUE 0

s32 OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	reclassify(p);
	return wake_idle(p, prev_cpu, wake_flags, slice_ns);
}

void OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	count_dispatch(class_of(p));
	if (bound_kthread(p)) {
		insert_bound(p, enq_flags);
		return;
	}
	insert(p, QUEUE, slice_ns, enq_flags);
	kick_idle(p);
}

void OP(dispatch, s32 cpu, struct task_struct *prev)
{
	if (!take(QUEUE))
		keep(prev, slice_ns);
}

void OP(runnable, struct task_struct *p, u64 enq_flags)
{
	reclassify(p);
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
	.init_task = (void *)init_task,
	.init = (void *)init,
	.exit = (void *)ended,
	.name = "czbench_fifo",
};
