// SPDX-License-Identifier: GPL-2.0-only
/*
 * reuse.c - a binding is deleted between two steps of a packet, and its element is another's.
 *
 * Two CPUs would have to meet within some hundred nanoseconds; so what the other one does is done
 * in the middle of the program (reuse.bpf.c). What must not happen: that the packet counts on the
 * other binding, and leaves from its port.
 */
#include <linux/pkt_cls.h>

#include "nat_abi.h"
#include "reuse.skel.h"
#include "steps.h"
#include "table.h"

static void reuse_close(void *data)
{
	reuse_bpf__destroy(data);
}

/* On the tables of the programs that are tested. */
static struct reuse_bpf *reuse_open(void)
{
	struct reuse_bpf *reuse = reuse_bpf__open();
	struct bpf_program *program;
	struct bpf_map *map, *theirs;

	CHECK(reuse);
	check_defer(reuse_close, reuse);
	bpf_object__for_each_map(map, reuse->obj)
	{
		theirs = bpf_object__find_map_by_name(world_skel()->obj, bpf_map__name(map));
		if (theirs && !bpf_map__is_internal(map))
			CHECK_EQ(bpf_map__reuse_fd(map, bpf_map__fd(theirs)), 0);
	}
	bpf_object__for_each_program(program, reuse->obj)
		bpf_program__set_autoload(program, program == reuse->progs.nat_tc_wan_out);
	CHECK_EQ(reuse_bpf__load(reuse), 0);
	return reuse;
}

/* Return: the verdict */
static int send_out(struct reuse_bpf *reuse, const struct packet *packet)
{
	struct frame in, out;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in.bytes, .data_out = out.bytes,
		    .data_size_out = sizeof(out.bytes), .repeat = 1);

	packet_build(packet, NULL, &in);
	opts.data_size_in = in.len;
	CHECK_EQ(bpf_prog_test_run_opts(bpf_program__fd(reuse->progs.nat_tc_wan_out), &opts), 0);
	return opts.retval;
}

static struct nat_internal_key key_of(const char *internal)
{
	struct nat_internal_key key = { 0 };

	endpoint_parse(internal, NULL, &key.internal);
	key.internal.proto = NAT_PROTO_UDP;
	return key;
}

PROG_TEST_OUT(a_binding_that_became_another_is_not_counted_on)
{
	const struct nat_internal_key dead = key_of("10.0.0.2:5000");
	const struct nat_internal_key other = key_of("10.0.0.3:6000");
	struct bpf_map *bindings;
	struct nat_binding was, binding;
	struct reuse_bpf *reuse;

	world_make(NULL);
	bindings = world_skel()->maps.bindings_fwd;
	/* One that has rested enough, and is not reaped yet. */
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7"),
	     BECOMES("203.0.113.1:5000", "198.51.100.9:7"));
	world_age(ticks_from_seconds(310));
	world_reap();
	world_age(ticks_from_seconds(130));
	/* And one that another CPU is about to enter. */
	step(OUT(UDP, "10.0.0.3:6000", "198.51.100.9:7"),
	     BECOMES("203.0.113.1:6000", "198.51.100.9:7"));
	CHECK(table_lookup(bindings, &dead, &was));
	CHECK_EQ(life_state(was.life), NAT_STATE_RESTING);
	CHECK(table_lookup(bindings, &other, &binding));
	CHECK_EQ(bpf_map__delete_elem(bindings, &other, sizeof(other), 0), 0);

	reuse = reuse_open();
	reuse->bss->taken = dead;
	reuse->bss->entered = other;
	reuse->bss->entered_binding = binding;
	reuse->bss->armed = true;
	CHECK_EQ(send_out(reuse, QUOTE(UDP, "10.0.0.2:5000", "198.51.100.8:7")), TC_ACT_SHOT);
	CHECK(!reuse->bss->armed);
	CHECK(!table_lookup(bindings, &dead, &binding));
	CHECK(table_lookup(bindings, &other, &binding));
	CHECK_EQ(life_low(binding.life), 1);
	/* The reaper would have gone on with the reverse entry. */
	table_write(bindings, &dead, &was);
}
