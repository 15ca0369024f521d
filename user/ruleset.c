// SPDX-License-Identifier: GPL-2.0-only
/*
 * ruleset.c - the nftables rules of this network namespace, as the kernel lists them.
 *
 * How it works: the answers to three dumps are kept as they came. Whoever asks something
 * looks into them, through mnl. No library for nftables is needed for that, and none knows
 * more of a rule than the kernel says here. What iptables-nft has made is there, too. Sets are
 * read when a rule looks into them, once: a blocklist that many rules use may be long.
 */
#include "ruleset.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"

#define RETRIES_MAX 5	   /* of a list that changes while it is read */
#define ELEMENTS_MAX 65536 /* of a set; a longer one is not worth the time */

/* ---- lists ---------------------------------------------------------------------------- */

static int elements_in(const struct nlmsghdr *message)
{
	const struct nlattr *attr, *element;
	int count = 0;

	if (NFNL_MSG_TYPE(message->nlmsg_type) != NFT_MSG_NEWSETELEM)
		return 0;
	mnl_attr_for_each(attr, message, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested(element, attr)
			count++;
	}
	return count;
}

static int keep(const struct nlmsghdr *message, void *data)
{
	struct ruleset_list *list = data;
	struct nlmsghdr **grown, *copy;

	list->elements += elements_in(message);
	if (list->elements > ELEMENTS_MAX) {
		errno = E2BIG;
		return MNL_CB_ERROR;
	}
	grown = realloc(list->messages, (list->count + 1) * sizeof(struct nlmsghdr *));
	if (!grown)
		return MNL_CB_ERROR;
	list->messages = grown;
	copy = malloc(message->nlmsg_len);
	if (!copy)
		return MNL_CB_ERROR;
	memcpy(copy, message, message->nlmsg_len);
	list->messages[list->count++] = copy;
	return MNL_CB_OK;
}

static void list_free(struct ruleset_list *list)
{
	for (int i = 0; i < list->count; i++)
		free(list->messages[i]);
	free(list->messages);
	memset(list, 0, sizeof(*list));
}

static struct nlmsghdr *request_begin(char *buffer, int type, int flags, __u8 family)
{
	struct nlmsghdr *request;
	struct nfgenmsg *header;

	request = netlink_request(buffer, NFNL_SUBSYS_NFTABLES << 8 | type, flags, sizeof(*header),
				  (void **)&header);
	header->nfgen_family = family;
	header->version = NFNETLINK_V0;
	return request;
}

static int ask(struct nlmsghdr *request, struct ruleset_list *list)
{
	int err, tries = 0;

	do {
		list_free(list);
		err = netlink_talk(NETLINK_NETFILTER, request, keep, list);
	} while (err == -EINTR && ++tries < RETRIES_MAX);
	return err;
}

static int dump_all(int type, struct ruleset_list *list)
{
	char buffer[MNL_NLMSG_HDRLEN + 64];

	return ask(request_begin(buffer, type, NLM_F_DUMP, NFPROTO_UNSPEC), list);
}

int ruleset_read(struct ruleset *set)
{
	int err;

	memset(set, 0, sizeof(*set));
	err = dump_all(NFT_MSG_GETCHAIN, &set->chains);
	/* Without NETLINK_NETFILTER, without nf_tables in it. */
	if (err == -EPROTONOSUPPORT || err == -EINVAL || err == -EOPNOTSUPP)
		return 0;
	if (!err && set->chains.count)
		err = dump_all(NFT_MSG_GETRULE, &set->rules);
	/* A kernel without flowtables does not know the question. */
	if (!err)
		dump_all(NFT_MSG_GETFLOWTABLE, &set->flowtables);
	return err;
}

void ruleset_free(struct ruleset *set)
{
	list_free(&set->chains);
	list_free(&set->rules);
	list_free(&set->flowtables);
	while (set->sets) {
		struct ruleset_set *next = set->sets->next;

		list_free(&set->sets->elements);
		free(set->sets);
		set->sets = next;
	}
}

/* ---- what is in a message -------------------------------------------------------------- */

struct attr_table {
	const struct nlattr **attrs;
	unsigned int max;
};

static int attr_note(const struct nlattr *attr, void *data)
{
	const struct attr_table *table = data;

	if (mnl_attr_get_type(attr) <= table->max)
		table->attrs[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static void attrs_clear(const struct nlattr **attrs, unsigned int max)
{
	for (unsigned int i = 0; i <= max; i++)
		attrs[i] = NULL;
}

void ruleset_attrs(const struct nlattr *nest, const struct nlattr **attrs, unsigned int max)
{
	struct attr_table table = { attrs, max };

	attrs_clear(attrs, max);
	if (nest)
		mnl_attr_parse_nested(nest, attr_note, &table);
}

static void message_attrs(const struct nlmsghdr *message, const struct nlattr **attrs,
			  unsigned int max)
{
	struct attr_table table = { attrs, max };

	attrs_clear(attrs, max);
	mnl_attr_parse(message, sizeof(struct nfgenmsg), attr_note, &table);
}

static const char *text_of(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_str(attr) : "";
}

static __u8 family_of(const struct nlmsghdr *message)
{
	return ((const struct nfgenmsg *)mnl_nlmsg_get_payload(message))->nfgen_family;
}

void ruleset_chain(const struct nlmsghdr *message, struct ruleset_chain *chain)
{
	const struct nlattr *attrs[NFTA_CHAIN_MAX + 1], *hook[NFTA_HOOK_MAX + 1];

	message_attrs(message, attrs, NFTA_CHAIN_MAX);
	ruleset_attrs(attrs[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_MAX);
	*chain = (struct ruleset_chain){
		.family = family_of(message),
		.table = text_of(attrs[NFTA_CHAIN_TABLE]),
		.name = text_of(attrs[NFTA_CHAIN_NAME]),
		.hook = hook[NFTA_HOOK_HOOKNUM] ?
				(int)ntohl(mnl_attr_get_u32(hook[NFTA_HOOK_HOOKNUM])) :
				-1,
		.type = text_of(attrs[NFTA_CHAIN_TYPE]),
		.drops = attrs[NFTA_CHAIN_POLICY] &&
			 ntohl(mnl_attr_get_u32(attrs[NFTA_CHAIN_POLICY])) == NF_DROP,
	};
}

const struct nlmsghdr *ruleset_chain_find(const struct ruleset *set, __u8 family, const char *table,
					  const char *name)
{
	struct ruleset_chain chain;

	for (int i = 0; i < set->chains.count; i++) {
		ruleset_chain(set->chains.messages[i], &chain);
		if (chain.family == family && !strcmp(chain.table, table) &&
		    !strcmp(chain.name, name))
			return set->chains.messages[i];
	}
	return NULL;
}

const struct nlattr *ruleset_rule_of(const struct nlmsghdr *message,
				     const struct ruleset_chain *chain)
{
	const struct nlattr *attrs[NFTA_RULE_MAX + 1];

	message_attrs(message, attrs, NFTA_RULE_MAX);
	if (family_of(message) != chain->family ||
	    strcmp(text_of(attrs[NFTA_RULE_TABLE]), chain->table) ||
	    strcmp(text_of(attrs[NFTA_RULE_CHAIN]), chain->name))
		return NULL;
	return attrs[NFTA_RULE_EXPRESSIONS];
}

void ruleset_flowtable(const struct nlmsghdr *message, const char *ifname,
		       struct ruleset_flowtable *flowtable)
{
	const struct nlattr *attrs[NFTA_FLOWTABLE_MAX + 1], *hook[NFTA_FLOWTABLE_HOOK_MAX + 1];
	const struct nlattr *device, *flags;

	message_attrs(message, attrs, NFTA_FLOWTABLE_MAX);
	ruleset_attrs(attrs[NFTA_FLOWTABLE_HOOK], hook, NFTA_FLOWTABLE_HOOK_MAX);
	flags = attrs[NFTA_FLOWTABLE_FLAGS];
	*flowtable = (struct ruleset_flowtable){
		.family = family_of(message),
		.table = text_of(attrs[NFTA_FLOWTABLE_TABLE]),
		.name = text_of(attrs[NFTA_FLOWTABLE_NAME]),
		.is_hardware = flags && ntohl(mnl_attr_get_u32(flags)) & NFT_FLOWTABLE_HW_OFFLOAD,
	};
	if (!hook[NFTA_FLOWTABLE_HOOK_DEVS])
		return;
	mnl_attr_for_each_nested(device, hook[NFTA_FLOWTABLE_HOOK_DEVS]) {
		if (!strcmp(mnl_attr_get_str(device), ifname))
			flowtable->has_device = true;
	}
}

/* ---- sets ------------------------------------------------------------------------------ */

static int set_ask(const struct ruleset_set *set, int type, int flags, struct ruleset_list *list)
{
	char buffer[2048]; /* names have at most 255 characters */
	struct nlmsghdr *request = request_begin(buffer, type, flags, set->family);

	/* The same numbers for the set itself and for its elements. */
	mnl_attr_put_strz(request, NFTA_SET_TABLE, set->table);
	mnl_attr_put_strz(request, NFTA_SET_NAME, set->name);
	return ask(request, list);
}

static bool set_read(struct ruleset_set *set)
{
	const struct nlattr *attrs[NFTA_SET_MAX + 1];
	struct ruleset_list itself = {};
	bool is_there;

	is_there = !set_ask(set, NFT_MSG_GETSET, 0, &itself) && itself.count;
	if (is_there) {
		message_attrs(itself.messages[0], attrs, NFTA_SET_MAX);
		set->is_interval =
			attrs[NFTA_SET_FLAGS] &&
			ntohl(mnl_attr_get_u32(attrs[NFTA_SET_FLAGS])) & NFT_SET_INTERVAL;
	}
	list_free(&itself);
	if (is_there && !set_ask(set, NFT_MSG_GETSETELEM, NLM_F_DUMP, &set->elements))
		return true;
	list_free(&set->elements);
	return false;
}

const struct ruleset_set *ruleset_set(struct ruleset *rules, __u8 family, const char *table,
				      const char *name)
{
	struct ruleset_set *set;

	for (set = rules->sets; set; set = set->next)
		if (set->family == family && !strcmp(set->name, name) && !strcmp(set->table, table))
			return set->is_known ? set : NULL;
	set = calloc(1, sizeof(*set));
	if (!set)
		return NULL;
	*set = (struct ruleset_set){
		.next = rules->sets,
		.family = family,
		.table = table,
		.name = name,
	};
	set->is_known = set_read(set);
	rules->sets = set;
	return set->is_known ? set : NULL;
}

const char *ruleset_family(__u8 family)
{
	return family == NFPROTO_INET ? "inet" : family == NFPROTO_IPV4 ? "ip" : "other";
}
