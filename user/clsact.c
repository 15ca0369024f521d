// SPDX-License-Identifier: GPL-2.0-only
/*
 * clsact.c - filters of ours at the clsact qdisc of an interface, and the qdisc.
 *
 * How it works: libbpf attaches, and gives each filter the name "PROGRAM:[ID]". By that ours
 * are known from others': the program itself would say its name too, but to CAP_SYS_ADMIN
 * only, which natctl does not ask for.
 */
#include "clsact.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "netlink.h"

/* ---- filters -------------------------------------------------------------------------- */

static int filters_each(unsigned int ifindex, enum bpf_tc_attach_point point, mnl_cb_t fn,
			void *data)
{
	char buffer[8192];
	struct nlmsghdr *request;
	struct tcmsg *tc;

	request = netlink_request(buffer, RTM_GETTFILTER, NLM_F_DUMP, sizeof(*tc), (void **)&tc);
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = ifindex;
	tc->tcm_parent =
		TC_H_MAKE(TC_H_CLSACT, point == BPF_TC_EGRESS ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
	return netlink_talk(NETLINK_ROUTE, request, fn, data);
}

/* Program names in the kernel are cut at 15 characters. */
static bool is_named(const struct clsact_filter *filter, const char *program)
{
	size_t len = strnlen(program, BPF_OBJ_NAME_LEN - 1);

	return !strncmp(filter->name, program, len) && filter->name[len] == ':';
}

static void filter_read(struct clsact_filter *filter, const struct nlattr *options)
{
	const struct nlattr *option;

	mnl_attr_for_each_nested(option, options) {
		if (mnl_attr_get_type(option) == TCA_BPF_ID)
			filter->id = mnl_attr_get_u32(option);
		if (mnl_attr_get_type(option) == TCA_BPF_NAME)
			snprintf(filter->name, sizeof(filter->name), "%s",
				 mnl_attr_get_str(option));
	}
}

/** struct listing - Of filters, to somebody */
struct listing {
	clsact_fn fn;
	void *data;
};

static int filter_tell(const struct nlmsghdr *answer, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(answer);
	struct clsact_filter filter = {
		.priority = tc->tcm_info >> 16,
		.handle = tc->tcm_handle,
	};
	const struct listing *listing = data;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, answer, sizeof(*tc)) {
		if (mnl_attr_get_type(attr) == TCA_KIND)
			snprintf(filter.kind, sizeof(filter.kind), "%s", mnl_attr_get_str(attr));
		if (mnl_attr_get_type(attr) == TCA_OPTIONS && !strcmp(filter.kind, "bpf"))
			filter_read(&filter, attr);
	}
	/* One without a handle stands for all of its priority. */
	if (filter.handle)
		listing->fn(&filter, listing->data);
	return MNL_CB_OK;
}

int clsact_each(unsigned int ifindex, enum bpf_tc_attach_point point, clsact_fn fn, void *data)
{
	struct listing listing = { fn, data };

	return filters_each(ifindex, point, filter_tell, &listing);
}

/** struct search - For what stands in a slot */
struct search {
	const struct clsact_slot *slot;
	struct clsact_filter *filter;
};

static void filter_match(const struct clsact_filter *filter, void *data)
{
	const struct search *search = data;

	if (filter->handle == search->slot->handle && filter->priority == CLSACT_PRIORITY)
		*search->filter = *filter;
}

int clsact_look(const struct clsact_slot *slot, struct clsact_filter *filter)
{
	struct search search = { slot, filter };
	int err;

	memset(filter, 0, sizeof(*filter));
	err = clsact_each(slot->ifindex, slot->point, filter_match, &search);
	filter->is_ours = filter->id && (is_named(filter, slot->programs[0]) ||
					 is_named(filter, slot->programs[1]));
	return err;
}

int clsact_put(const struct clsact_slot *slot, int prog_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = slot->ifindex, .attach_point = slot->point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = prog_fd, .priority = CLSACT_PRIORITY,
		    .handle = slot->handle, .flags = BPF_TC_F_REPLACE);
	struct clsact_filter filter;
	int err = clsact_look(slot, &filter);

	if (!err && filter.id && !filter.is_ours)
		err = -EBUSY;
	return err ? err : bpf_tc_attach(&tc, &opts);
}

int clsact_take(const struct clsact_slot *slot)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = slot->ifindex, .attach_point = slot->point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .priority = CLSACT_PRIORITY, .handle = slot->handle);
	struct clsact_filter filter;
	int err = clsact_look(slot, &filter);

	if (err || !filter.is_ours)
		return err;
	err = bpf_tc_detach(&tc, &opts);
	return err == -ENOENT ? 0 : err;
}

/* ---- the qdisc ------------------------------------------------------------------------ */

/** struct qdisc - The question whether there is one */
struct qdisc {
	unsigned int ifindex;
	bool exists;
};

static int qdisc_match(const struct nlmsghdr *answer, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(answer);
	struct qdisc *qdisc = data;

	if ((unsigned int)tc->tcm_ifindex == qdisc->ifindex && tc->tcm_parent == TC_H_CLSACT)
		qdisc->exists = true;
	return MNL_CB_OK;
}

/* All are listed: to ask for one would be told to everybody who listens. */
bool clsact_exists(unsigned int ifindex)
{
	struct qdisc qdisc = { .ifindex = ifindex };
	char buffer[256];
	struct nlmsghdr *request;
	struct tcmsg *tc;

	request = netlink_request(buffer, RTM_GETQDISC, NLM_F_DUMP, sizeof(*tc), (void **)&tc);
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = ifindex;
	return !netlink_talk(NETLINK_ROUTE, request, qdisc_match, &qdisc) && qdisc.exists;
}

int clsact_make(unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	return bpf_tc_hook_create(&tc);
}

static int count_filter(const struct nlmsghdr *answer, void *data)
{
	(void)answer;
	++*(int *)data;
	return MNL_CB_OK;
}

int clsact_remove(unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int err, foreign = 0;

	err = filters_each(ifindex, BPF_TC_INGRESS, count_filter, &foreign);
	if (!err)
		err = filters_each(ifindex, BPF_TC_EGRESS, count_filter, &foreign);
	/* Who cannot see others' filters must not take them along. */
	if (err && err != -ENODEV)
		return err;
	if (foreign)
		return -EBUSY;
	err = bpf_tc_hook_destroy(&tc);
	/* It, or the interface and with it the qdisc, has gone. */
	return err == -ENOENT || err == -EINVAL || err == -ENODEV ? 0 : err;
}
