# SPDX-License-Identifier: GPL-2.0-only
#
# tests.mk - one program per test tier; included by the Makefile.
#
#   make check            unit tests: no privileges
#   make check-prog       the real BPF programs through BPF_PROG_TEST_RUN: root
#   make bench-prog       nanoseconds per packet: root
#   make test-lifecycle   upgrades, crashes, changes of address, hundreds of times: root, 20 min
#
# A new file in tests/unit or tests/prog is picked up by itself.

.PHONY: check-prog test-lifecycle

TEST_CPPFLAGS := -Itests/lib -Iuser -Ibpf
TEST_OBJ := $(B)/obj

objs = $(patsubst %.c,$(TEST_OBJ)/%.o,$(wildcard $(1)))

LIB_OBJS  := $(call objs,tests/lib/*.c)
UNIT_OBJS := $(call objs,tests/unit/*.c)
PROG_OBJS := $(call objs,tests/prog/*.c)
BENCH_OBJS := $(TEST_OBJ)/tests/bench/prog.o

# Coverage judges what all the other cases have counted: it must run last.
PROG_OBJS := $(filter-out %/coverage.o,$(PROG_OBJS)) $(filter %/coverage.o,$(PROG_OBJS))

# What the unit tier may call of natctl: parsers and printers, nothing that opens a map.
# An archive, so that only what a test uses is linked in.
UNIT_USER := $(filter $(patsubst %,$(B)/user/%.o,value filter out msg early icmp_answer options options_settings options_parse config),$(USER_OBJS))

$(TEST_OBJ)/unit-user.a: $(UNIT_USER)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^

$(TEST_OBJ)/%.o: %.c Makefile tests/tests.mk
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(TEST_CPPFLAGS) $(CFLAGS) -c $< -o $@

$(PROG_OBJS) $(filter-out %/check.o,$(LIB_OBJS)): $(B)/nat.skel.h

$(B)/tests/unit: $(TEST_OBJ)/tests/lib/main.o $(TEST_OBJ)/tests/lib/check.o $(UNIT_OBJS) $(TEST_OBJ)/unit-user.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(B)/tests/prog: $(LIB_OBJS) $(PROG_OBJS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

check: $(B)/tests/unit
	$(Q)$<

check-prog: $(B)/tests/prog
	$(Q)$<

# ---- the benchmark: the library without its main(), and a wrapper program -----------------
$(B)/tests/bench/wrap.bpf.o: tests/bench/wrap.bpf.c tests/tests.mk
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

# PARTS="kills=20 cycles=50" for less than everything
test-lifecycle: $(B)/natctl
	$(Q)tests/lifecycle/run $(PARTS)

-include $(BENCH_OBJS:.o=.d) $(B)/tests/bench/wrap.bpf.d
-include $(LIB_OBJS:.o=.d) $(UNIT_OBJS:.o=.d) $(PROG_OBJS:.o=.d)
