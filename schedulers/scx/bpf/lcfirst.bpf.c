/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Mutual exclusion: a best-effort (BE) task runs only while no latency-critical
 * (LC) task is runnable that could run on the same CPU, wherever that one is.
 * So that no task starves, BE tasks get a share of each CPU all the same, one
 * slice at a time. Each start of a BE task while an LC task is runnable is
 * counted with its reason. The system class goes before both.
 */
#include "common.bpf.h"

enum {
	SYSTEM_QUEUE,
	LC_QUEUE,
	BE_QUEUE,
	QUEUES,
};

/* What a CPU runs, of the tasks that are scheduled here. */
enum {
	RUNS_NONE,
	RUNS_SYSTEM,
	RUNS_LC,
	RUNS_BE,
};

/* How a runnable LC task is counted. */
enum {
	NOT_COUNTED,
	ON_ALL,  /* it may run on every CPU */
	ON_SOME, /* it is counted for each CPU on which it may run */
};

/* Why a BE task began to run while an LC task was runnable. */
enum {
	SHARE,    /* its guaranteed share was due */
	AFFINITY, /* no runnable LC task may run on this CPU */
	RACE,     /* an LC task became runnable meanwhile; the BE task is preempted at once */
	REASONS,
};

/*
 * How long BE tasks wait for a slice that is guaranteed to them, in thousandths
 * of the slice: 1000 × (1 − share) / share.
 */
const volatile u64 wait_permille = 99000;

/* No BE task may wait for 30 s, the kernel's limit; all of them get a slice in 10. */
#define LONGEST_ROUND 10000000000ULL

u64 be_starts;
u64 be_under_lc[REASONS];

static s64 lc_on_all;             /* runnable LC tasks that may run everywhere */
static s64 lc_on_some;            /* the other runnable LC tasks, */
static s64 lc_here[MAX_CPUS];     /* and those of them that may run on a CPU */
static u32 runs[MAX_CPUS];        /* RUNS_… */
static bool granting[MAX_CPUS];   /* the next BE task of the CPU begins its guaranteed share */
static bool granted[MAX_CPUS];    /* the BE task that runs there is in its guaranteed share */
static u64 be_stopped[MAX_CPUS];  /* when a BE task last stopped on the CPU, ns */
static u64 be_wait[MAX_CPUS];     /* and how long the next waits from then on, ns */
static u64 waiting_since;         /* when the queue of BE tasks was last empty, ns */

static bool lc_runnable(void)
{
	return lc_on_all > 0 || lc_on_some > 0;
}

/* Whether an LC task is runnable that may run on cpu. */
static bool excluded(s32 cpu)
{
	return lc_on_all > 0 || AT(lc_here, cpu) > 0;
}

static u64 wait_after(u64 ran)
{
	return ran * wait_permille / 1000;
}

/* Whether cpu owes BE tasks their share for longer than grace, ns. */
static bool share_due(s32 cpu, u64 now, u64 grace)
{
	u64 queued = scx_bpf_dsq_nr_queued(BE_QUEUE);
	u64 longest = LONGEST_ROUND / (queued ?: 1);
	u64 owed = AT(be_wait, cpu), first = wait_after(slice_ns);

	if (!queued)
		return false;
	owed = owed < longest ? owed : longest;
	first = first < longest ? first : longest;
	return now >= AT(be_stopped, cpu) + owed + grace && now >= waiting_since + first + grace;
}

static void count_lc(struct task_struct *p, struct task *t, s64 n)
{
	struct bpf_iter_num it;
	int *cpu;

	if (t->counted == ON_ALL) {
		__sync_fetch_and_add(&lc_on_all, n);
		return;
	}
	__sync_fetch_and_add(&lc_on_some, n);
	EACH_CPU(it, cpu) {
		if (bpf_cpumask_test_cpu(*cpu, &p->cpus_mask))
			__sync_fetch_and_add(&AT(lc_here, *cpu), n);
	}
	bpf_iter_num_destroy(&it);
}

/* Preempts the BE tasks that an LC task excludes, but not in their share. */
static void preempt_be(void)
{
	struct bpf_iter_num it;
	int *cpu;

	EACH_CPU(it, cpu) {
		if (AT(runs, *cpu) == RUNS_BE && !AT(granted, *cpu) && excluded(*cpu))
			preempt(*cpu);
	}
	bpf_iter_num_destroy(&it);
}

/*
 * Lets idle CPUs look for waiting BE tasks: CPUs that no LC task excludes, and
 * those that owe a share. The only CPU of a machine looks by itself.
 */
static void wake_for_be(void)
{
	u64 now = bpf_ktime_get_ns();
	struct bpf_iter_num it;
	int *cpu;

	if (nr_cpus == 1 || scx_bpf_dsq_nr_queued(BE_QUEUE) <= 0)
		return;
	EACH_CPU(it, cpu) {
		if (AT(runs, *cpu) == RUNS_NONE && (!excluded(*cpu) || share_due(*cpu, now, 0)))
			scx_bpf_kick_cpu(*cpu, SCX_KICK_IDLE);
	}
	bpf_iter_num_destroy(&it);
}

s32 OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	struct task *t = reclassify(p);

	if (t && t->class == BE && lc_runnable())
		return prev_cpu;
	return wake_idle(p, prev_cpu, wake_flags, slice_ns);
}

/* A system task that wakes up preempts LC and BE; among them, it queues. */
static void enqueue_system(struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);

	if (bound_kthread(p) || ((enq_flags & SCX_ENQ_WAKEUP) && AT(runs, cpu) != RUNS_SYSTEM)) {
		insert_bound(p, enq_flags);
		return;
	}
	insert(p, SYSTEM_QUEUE, slice_ns, enq_flags);
	kick_idle(p);
}

static void enqueue_be(struct task_struct *p, u64 enq_flags)
{
	if (scx_bpf_dsq_nr_queued(BE_QUEUE) <= 0)
		waiting_since = bpf_ktime_get_ns();
	insert(p, BE_QUEUE, slice_ns, enq_flags);
	wake_for_be();
}

void OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 class = class_of(p);

	count_dispatch(class);
	if (class == LC) {
		insert(p, LC_QUEUE, slice_ns, enq_flags);
		kick_idle(p);
	} else if (class == BE) {
		enqueue_be(p, enq_flags);
	} else {
		enqueue_system(p, enq_flags);
	}
}

/*
 * Takes a BE task in its guaranteed share, where that is due. A CPU with LC work
 * gives an idle one the chance first.
 */
static bool take_share(s32 cpu, bool busy)
{
	if (!share_due(cpu, bpf_ktime_get_ns(), busy && nr_cpus > 1 ? slice_ns : 0))
		return false;
	AT(granting, cpu) = take(BE_QUEUE);
	return AT(granting, cpu);
}

/*
 * Finds LC or BE work for cpu, whose last task goes on and is of class last. A
 * BE task's turn is paid for only when it has stopped; none follows it directly.
 */
static bool take_work(s32 cpu, u32 last)
{
	bool busy = last == LC || scx_bpf_dsq_nr_queued(LC_QUEUE) > 0;

	if (!excluded(cpu))
		return take(BE_QUEUE);
	return (last != BE && take_share(cpu, busy)) || take(LC_QUEUE);
}

void OP(dispatch, s32 cpu, struct task_struct *prev)
{
	u32 class = goes_on(prev) ? class_of(prev) : CLASSES;

	AT(granting, cpu) = false;
	if (take(SYSTEM_QUEUE))
		return;
	if (class != SYSTEM && take_work(cpu, class))
		return;
	if (class != BE || !excluded(cpu))
		keep(prev, slice_ns);
}

void OP(runnable, struct task_struct *p, u64 enq_flags)
{
	struct task *t = reclassify(p);

	if (!t || t->class != LC || t->counted != NOT_COUNTED)
		return;
	t->counted = p->nr_cpus_allowed >= nr_cpus ? ON_ALL : ON_SOME;
	count_lc(p, t, 1);
	preempt_be();
}

void OP(quiescent, struct task_struct *p, u64 deq_flags)
{
	struct task *t = task_of(p);

	if (!t || t->counted == NOT_COUNTED)
		return;
	count_lc(p, t, -1);
	t->counted = NOT_COUNTED;
	wake_for_be();
}

static void begin_be(s32 cpu)
{
	u32 reason = AFFINITY;

	__sync_fetch_and_add(&be_starts, 1);
	if (!lc_runnable())
		return;
	if (AT(granted, cpu))
		reason = SHARE;
	else if (excluded(cpu))
		reason = RACE;
	__sync_fetch_and_add(&be_under_lc[reason], 1);
	if (reason == RACE)
		preempt(cpu);
}

void OP(running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct task *t = task_of(p);

	if (!t)
		return;
	t->began = p->se.sum_exec_runtime;
	AT(granted, cpu) = t->class == BE && AT(granting, cpu);
	AT(granting, cpu) = false;
	switch (t->class) {
	case LC:
		AT(runs, cpu) = RUNS_LC;
		break;
	case BE:
		AT(runs, cpu) = RUNS_BE;
		begin_be(cpu);
		break;
	default:
		AT(runs, cpu) = RUNS_SYSTEM;
	}
}

/*
 * A guaranteed share is paid for with what it took: a slice ends on a tick, and
 * so it may last longer than it should.
 */
void OP(stopping, struct task_struct *p, bool still_runnable)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct task *t = task_of(p);

	AT(runs, cpu) = RUNS_NONE;
	if (!t || t->class != BE)
		return;
	/* Where a real-time task interrupts the slice, the rest is still granted. */
	AT(granting, cpu) |= AT(granted, cpu) && still_runnable && p->scx.slice;
	AT(be_stopped, cpu) = bpf_ktime_get_ns();
	AT(be_wait, cpu) = wait_after(AT(granted, cpu) ? p->se.sum_exec_runtime - t->began : slice_ns);
}

/* While LC tasks keep idle CPUs from BE work, their ticks see when a share is due. */
void OP(tick, struct task_struct *p)
{
	wake_for_be();
}

s32 OP_SLEEPABLE(init)
{
	s32 err = 0;
	u32 queue;

	for (queue = 0; queue < QUEUES && !err; queue++)
		err = scx_bpf_create_dsq(queue, -1);
	return err;
}

SEC(".struct_ops.link")
struct sched_ext_ops ops = {
	.select_cpu = (void *)select_cpu,
	.enqueue = (void *)enqueue,
	.dispatch = (void *)dispatch,
	.tick = (void *)tick,
	.runnable = (void *)runnable,
	.running = (void *)running,
	.stopping = (void *)stopping,
	.quiescent = (void *)quiescent,
	.init_task = (void *)init_task,
	.init = (void *)init,
	.exit = (void *)ended,
	.flags = SCX_OPS_ENQ_LAST,
	.name = "czbench_lcfirst",
};
