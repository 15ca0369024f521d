# SPDX-License-Identifier: GPL-2.0-only
#
# tests.mk - one program per test tier; included by the Makefile.
#
#   make check            unit tests: no privileges
#   make asan             the same with the address, leak and undefined behaviour sanitizers
#   make check-prog       the real BPF programs through BPF_PROG_TEST_RUN: root
#   make bench            natctl beside its peers: root, 20 min; bench-tools builds what it needs
#   make bench-doc        docs/performance.md of the last run
#   make bench-prog       nanoseconds per packet: root
#   make fuzz             packets and texts by chance, five minutes: root (fuzz/fuzz.mk)
#   make model            the life-word protocol searched by spin: no privileges, some minutes
#   make stress           both CPUs at everything that changes state: root; OPERATIONS=10000000 SEED=
#   make test-lifecycle   upgrades, crashes, changes of address, hundreds of times: root, 20 min
#   make soak             traffic and faults for ten minutes, or DURATION=2h: root
#   make test-kernels     the tiers under other kernels, in VMs: KERNELS="6.1 6.12" TIERS="load prog"
#   make broken           natctl as it must not be, for tests/net/broken.sh
#
# A new file in tests/unit or tests/prog is picked up by itself.

.PHONY: asan check-prog test-lifecycle broken bench bench-tools bench-doc soak test-kernels model stress

TEST_CPPFLAGS := -Itests/lib -Iuser -Ibpf
TEST_OBJ := $(B)/obj

objs = $(patsubst %.c,$(TEST_OBJ)/%.o,$(wildcard $(1)))

LIB_OBJS  := $(call objs,tests/lib/*.c)
UNIT_OBJS := $(call objs,tests/unit/*.c)
PROG_OBJS := $(filter-out %.bpf.o,$(call objs,tests/prog/*.c))
BENCH_OBJS := $(patsubst %,$(TEST_OBJ)/tests/bench/%.o,prog cases fill)
STRESS_OBJS := $(filter-out %/main.o,$(call objs,tests/stress/*.c))
STRESS_MAIN := $(TEST_OBJ)/tests/stress/main.o

# Coverage judges what all the other cases have counted: it must run last.
PROG_OBJS := $(filter-out %/coverage.o,$(PROG_OBJS)) $(filter %/coverage.o,$(PROG_OBJS))

# What the unit tier may call of natctl: parsers and printers, nothing that opens a map.
# An archive, so that only what a test uses is linked in.
UNIT_USER := $(filter $(patsubst %,$(B)/user/%.o,value filter out msg text early icmp_answer options options_settings options_parse config static_rule metrics reasons gateway_names),$(USER_OBJS))

$(TEST_OBJ)/unit-user.a: $(UNIT_USER)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^

$(TEST_OBJ)/%.o: %.c Makefile tests/tests.mk
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(TEST_CPPFLAGS) $(CFLAGS) -c $< -o $@

# ---- what happens in the middle of a program, for tests/prog/reuse.c ------------------------
$(B)/tests/prog-%.bpf.o: tests/prog/%.bpf.c tests/tests.mk
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPFFLAGS) -c $< -o $@

$(B)/reuse.skel.h: $(B)/tests/prog-reuse.bpf.o
	$(call say,SKELETON,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name reuse_bpf > $@

$(TEST_OBJ)/tests/prog/reuse.o: $(B)/reuse.skel.h

$(PROG_OBJS) $(STRESS_OBJS) $(filter-out %/check.o,$(LIB_OBJS)): $(B)/nat.skel.h

$(B)/tests/unit: $(TEST_OBJ)/tests/lib/main.o $(TEST_OBJ)/tests/lib/check.o $(UNIT_OBJS) $(TEST_OBJ)/unit-user.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(B)/tests/prog: $(LIB_OBJS) $(STRESS_OBJS) $(PROG_OBJS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

check: $(B)/tests/unit
	$(Q)$<

check-prog: $(B)/tests/prog
	$(Q)$<

# A finding ends the run, a leak is told at its end.
asan:
	$(Q)$(MAKE) --no-print-directory B=$(B)/asan HARDENING= HARDENING_LD= \
		EXTRA_CFLAGS='-O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
			-fno-omit-frame-pointer' $(B)/asan/tests/unit
	$(Q)ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 \
		UBSAN_OPTIONS=print_stacktrace=1 $(B)/asan/tests/unit

# ---- the benchmark: the library without its main(), and a wrapper program -----------------
$(B)/tests/bench/%.bpf.o: tests/bench/%.bpf.c tests/tests.mk
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPFFLAGS) -c $< -o $@

$(B)/wrap.skel.h: $(B)/tests/bench/wrap.bpf.o
	$(call say,SKELETON,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name wrap_bpf > $@

$(BENCH_OBJS): $(B)/wrap.skel.h $(B)/nat.skel.h

$(B)/tests/bench-prog: $(filter-out %/main.o %/steps.o,$(LIB_OBJS)) $(BENCH_OBJS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

bench-prog: $(B)/tests/bench-prog
	$(Q)$<

# ---- packets through a gateway; forward.bpf.o is the peer that does nothing else ----------
$(B)/traffic.skel.h: $(B)/tests/bench/traffic.bpf.o
	$(call say,SKELETON,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name traffic_bpf > $@

$(TEST_OBJ)/tests/bench/traffic.o: $(B)/traffic.skel.h
$(TEST_OBJ)/tests/bench/load.o: $(B)/nat.skel.h

$(B)/tests/bench-load: $(TEST_OBJ)/tests/bench/load.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(B)/tests/bench-traffic: $(TEST_OBJ)/tests/bench/traffic.o | $(B)/tests/bench/forward.bpf.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

BENCH_TOOLS := $(patsubst %,$(B)/tests/bench-%,prog traffic load)

bench-tools: $(B)/natctl $(BENCH_TOOLS)

# QUICK=1 for developing; PARTS="pps flows", MODES="nft natctl" for less than everything
bench: bench-tools
	$(Q)scripts/deps run
	$(Q)scripts/deps bench || true # what is missing is left out, by name
	$(Q)tests/bench/run -o $(B)/bench.json $(if $(QUICK),-q) $(addprefix -m ,$(MODES)) $(PARTS)
	$(Q)chown -R --reference=. $(B)

bench-doc:
	$(Q)scripts/deps bench
	$(Q)tests/bench/document $(B)/bench.json docs
	$(Q)chown -R --reference=. docs

# ---- concurrency: the model, and the real programs ------------------------------------------
$(B)/tests/stress: $(filter-out %/main.o %/steps.o,$(LIB_OBJS)) $(STRESS_OBJS) $(STRESS_MAIN)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -lpthread -o $@

stress: $(B)/tests/stress
	$(Q)unshare --net --mount $< $(OPERATIONS) $(SEED)

model:
	$(Q)tests/model/run

# PARTS="kills=20 cycles=50" for less than everything
test-lifecycle: $(B)/natctl
	$(Q)tests/lifecycle/run $(PARTS)

DURATION ?= 10m
soak: $(B)/natctl
	$(Q)tests/soak/run $(DURATION)
# KERNELS, TIERS, COMPILERS, CASES: tests/kernels/run
test-kernels: export KERNELS := $(KERNELS)
test-kernels: export TIERS := $(TIERS)
test-kernels: export COMPILERS := $(COMPILERS)
test-kernels:
	$(Q)tests/kernels/run $(CASES)

include tests/fuzz/fuzz.mk

# ---- natctl as it must not be, for tests/net/broken.sh ------------------------------------
#
#   natctl-unverified, natctl-wrong   with TC programs out of tests/broken
#   natctl-layout                     of another layout of the maps
BROKEN := $(B)/tests/broken
NATCTL_BROKEN := $(patsubst %,$(B)/tests/natctl-%,unverified wrong layout)
LAYOUT_OBJS := $(patsubst user/%.c,$(BROKEN)/layout/%.o,$(shell grep -l NAT_LAYOUT_VERSION user/*.c))
WITH_SKELETON := $(patsubst user/%.c,%,$(shell grep -l '"nat.skel.h"' user/*.c))

broken: $(NATCTL_BROKEN)

$(BROKEN)/%.bpf.o: tests/broken/%.bpf.c tests/tests.mk
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPFFLAGS) -c $< -o $@

$(BROKEN)/%/nat.bpf.o: $(BROKEN)/%.bpf.o $(filter-out %/nat_tc.bpf.o,$(BPF_OBJS))
	$(Q)mkdir -p $(@D)
	$(Q)$(BPFTOOL) gen object $@ $^

$(BROKEN)/%/nat.skel.h: $(BROKEN)/%/nat.bpf.o
	$(Q)$(BPFTOOL) gen skeleton $< name nat_bpf > $@

define broken_objs
$(patsubst %,$(BROKEN)/$(1)/%.o,$(WITH_SKELETON)): $(BROKEN)/$(1)/%.o: user/%.c $(BROKEN)/$(1)/nat.skel.h
	$$(call say,CC,$$@)
	$$(Q)$$(CC) -I$(BROKEN)/$(1) $$(CPPFLAGS) $$(CFLAGS) -c $$< -o $$@

$(B)/tests/natctl-$(1): $(patsubst %,$(BROKEN)/$(1)/%.o,$(WITH_SKELETON)) \
		$(filter-out $(patsubst %,$(B)/user/%.o,$(WITH_SKELETON)),$(USER_OBJS))
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) $$^ $$(LDLIBS) -o $$@
endef
$(foreach name,unverified wrong,$(eval $(call broken_objs,$(name))))

$(LAYOUT_OBJS): $(BROKEN)/layout/%.o: user/%.c $(B)/nat.skel.h tests/tests.mk
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -Itests/broken/layout $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(B)/tests/natctl-layout: $(LAYOUT_OBJS) \
		$(filter-out $(patsubst $(BROKEN)/layout/%.o,$(B)/user/%.o,$(LAYOUT_OBJS)),$(USER_OBJS))
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

-include $(wildcard $(BROKEN)/*.d $(BROKEN)/*/*.d)
-include $(wildcard $(TEST_OBJ)/tests/bench/*.d) $(wildcard $(B)/tests/bench/*.d)
-include $(B)/tests/prog-reuse.bpf.d
-include $(STRESS_OBJS:.o=.d) $(STRESS_MAIN:.o=.d)
-include $(LIB_OBJS:.o=.d) $(UNIT_OBJS:.o=.d) $(PROG_OBJS:.o=.d)
