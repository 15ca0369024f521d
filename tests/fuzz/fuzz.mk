# SPDX-License-Identifier: GPL-2.0-only
#
# fuzz.mk - packets and texts by chance; included by tests.mk.
#
#   make fuzz            all of the below, a fifth of FUZZ_SECONDS each
#   make fuzz-prog       the real BPF programs: root. PACKETS=10000000 for so many instead
#   make fuzz-packets    the pipelines of TC, compiled for this machine: libFuzzer
#   make fuzz-text       configuration files, command lines, netlink's answers: libFuzzer
#
# SEED=N repeats a run of fuzz-prog. libFuzzer begins with fuzz/corpus, and keeps what it finds
# in build/fuzz/corpus. It comes with clang (Debian: libclang-rt-dev).

.PHONY: fuzz fuzz-prog fuzz-text $(addprefix fuzz-,packets config words netlink)

FUZZ_SECONDS ?= 300
FUZZ_SHARE := $(shell expr $(FUZZ_SECONDS) / 5)

fuzz: fuzz-prog fuzz-packets fuzz-text
fuzz-text: fuzz-config fuzz-words fuzz-netlink

# ---- the real programs: the library without its main() --------------------------------------
FUZZ_OBJS := $(call objs,tests/fuzz/*.c)

$(FUZZ_OBJS): $(B)/nat.skel.h

$(B)/tests/fuzz-prog: $(filter-out %/main.o %/steps.o,$(LIB_OBJS)) $(FUZZ_OBJS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

fuzz-prog: $(B)/tests/fuzz-prog
	$(Q)$< $(if $(PACKETS),-n $(PACKETS),-n 1000000000 -t $(FUZZ_SHARE)) $(if $(SEED),-s $(SEED))

# ---- libFuzzer, so by clang, with every sanitizer -------------------------------------------
FUZZ_CFLAGS := -O1 -g -std=gnu11 -Wall -Wextra -Werror -fno-omit-frame-pointer \
	       -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

FUZZ_USER := $(patsubst %,$(B)/fuzz/user/%.o,value filter msg text options options_settings \
	       options_parse config static_rule netif routes sockets)
FUZZ_NATIVE := $(patsubst %,$(B)/fuzz/tests/%.o,fuzz/native/packets fuzz/native/helpers \
	       fuzz/judge fuzz/wire fuzz/flows lib/check)
FUZZ_TEXT := $(patsubst %,$(B)/fuzz/tests/fuzz/text/%.o,config words netlink)

$(B)/fuzz/deps.ok: scripts/deps
	$(Q)mkdir -p $(@D)
	$(Q)CLANG='$(CLANG)' scripts/deps --check fuzz
	$(Q)touch $@

$(FUZZ_TEXT) $(FUZZ_USER) $(FUZZ_NATIVE): $(B)/fuzz/deps.ok
$(FUZZ_TEXT) $(FUZZ_USER): FUZZ_DIRS := -Iuser
# Behind 14 octets of link layer no header is aligned.
$(FUZZ_NATIVE): FUZZ_DIRS := -Itests/fuzz -Itests/lib -Ibpf -Wno-unused-parameter \
			     -fno-sanitize=alignment

$(B)/fuzz/%.o: %.c tests/fuzz/fuzz.mk
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_CFLAGS) $(FUZZ_DIRS) -c $< -o $@

$(B)/tests/fuzz-packets: $(FUZZ_NATIVE)
	$(call say,LINK,$@)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) $^ -o $@

# fuzz-netlink has a user/netlink.c of its own.
$(patsubst %,$(B)/tests/fuzz-%,config words netlink): $(B)/tests/fuzz-%: \
		$(B)/fuzz/tests/fuzz/text/%.o $(FUZZ_USER)
	$(call say,LINK,$@)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) $^ $(LDLIBS) -o $@

$(B)/tests/fuzz-config $(B)/tests/fuzz-words: $(B)/fuzz/user/netlink.o

$(addprefix fuzz-,packets config words netlink): fuzz-%: $(B)/tests/fuzz-%
	$(Q)mkdir -p $(B)/fuzz/corpus/$*
	$(Q)$< -max_total_time=$(FUZZ_SHARE) -timeout=10 -max_len=2048 \
		-artifact_prefix=$(B)/fuzz/$*- $(B)/fuzz/corpus/$* tests/fuzz/corpus/$* \
		>$(B)/fuzz/$*.log 2>&1 || { tail -n 40 $(B)/fuzz/$*.log; exit 1; }
	@echo 'ok   fuzz $*' "($$(grep -o '^Done.*' $(B)/fuzz/$*.log))"

-include $(FUZZ_OBJS:.o=.d) $(FUZZ_USER:.o=.d) $(FUZZ_NATIVE:.o=.d) $(FUZZ_TEXT:.o=.d)
