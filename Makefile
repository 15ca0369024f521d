# SPDX-License-Identifier: GPL-2.0-only
#
# natctl - all products go to build/; `make V=1` shows the commands.
#
#   make            build/natctl, with the BPF programs inside
#   make check      unit tests: no privileges needed
#   make asan       the same with the address, leak and undefined behaviour sanitizers
#   make test       every tier (root), the same as sudo scripts/test
#   make test-lifecycle   upgrades, crashes, changes of address, hundreds of times (root)
#   make soak       traffic and faults for ten minutes, or DURATION=2h (root)
#   make test-kernels   the tests under other kernels, in VMs
#   make versus     the comparison with netfilter, docs/versus-netfilter.md (root)
#   make demo       the same as sudo scripts/demo
#   make lab, lab-down   the demo's network, to play in
#   make bench      natctl beside its peers (root, 20 min); QUICK=1, PARTS="...", MODES="..."
#   make bench-doc  docs/performance.md of its last run
#   make bench-prog nanoseconds per packet
#   make lint       formatting and static checks
#   make deb        the Debian package, build/deb/*.deb
#   make manual     manual and completions; NATCTL_RUN is a natctl that runs here
#   make install    PREFIX, DESTDIR, SBINDIR, UNITDIR, DATADIR; make uninstall takes the same

CLANG   ?= clang
CC      ?= cc
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /sbin/bpftool) bpftool)
PREFIX  ?= /usr
DESTDIR ?=
SBINDIR ?= $(PREFIX)/sbin
UNITDIR ?= $(PREFIX)/lib/systemd/system
DATADIR ?= $(PREFIX)/share

B := build
VERSION := 0.1.0

CPPFLAGS += -Iinclude -I$(B) -MMD -MP -D_GNU_SOURCE -DNATCTL_VERSION='"$(VERSION)"'
CFLAGS   ?= -O2 -g
# Against mistakes that are still in there: docs/security.md. Each can be given as nothing.
HARDENING    ?= -fstack-protector-strong -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
HARDENING_LD ?= -pie -Wl,-z,relro,-z,now,-z,noexecstack
EXTRA_CFLAGS ?=
CFLAGS   += -std=gnu11 -Wall -Wextra -Werror $(HARDENING) $(EXTRA_CFLAGS)
LDFLAGS  += $(HARDENING_LD)
LDLIBS   := -lbpf -lelf -lmnl -lz
# -Wno-unused-parameter: the two context headers and the loop callbacks share signatures.
BPFFLAGS := -target bpf -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra -Werror \
	    -Wno-unused-parameter -Iinclude -Ibpf \
	    -D__bpf__ -MMD -MP

ifeq ($(V),1)
  Q :=
  say = @:
else
  Q := @
  say = @echo '  $(1)	$(2)'
endif

BPF_OBJS  := $(patsubst bpf/%.bpf.c,$(B)/bpf/%.bpf.o,$(wildcard bpf/*.bpf.c))
USER_OBJS := $(patsubst user/%.c,$(B)/user/%.o,$(wildcard user/*.c))

.PHONY: all check test versus demo lab lab-down bench-prog lint format deb manual install uninstall \
	clean deps
.DELETE_ON_ERROR:
.SECONDARY:

all: $(B)/natctl

# ---- what the build needs: say which package is missing, not a compiler error --------------
-include $(B)/deps.ok.mk
$(B)/deps.ok.mk: scripts/deps
	$(Q)mkdir -p $(B)
	$(Q)CLANG='$(CLANG)' CC='$(CC)' BPFTOOL='$(BPFTOOL)' scripts/deps --check build
	$(Q)touch $@

# ---- BPF: one object per program file, linked into one, wrapped in a skeleton ---------------
$(B)/bpf/%.bpf.o: bpf/%.bpf.c Makefile
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPFFLAGS) -c $< -o $@

$(B)/nat.bpf.o: $(BPF_OBJS)
	$(call say,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(B)/nat.skel.h: $(B)/nat.bpf.o
	$(call say,SKELETON,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name nat_bpf > $@

# ---- natctl -----------------------------------------------------------------------------------
$(B)/user/%.o: user/%.c $(B)/nat.skel.h Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(B)/natctl: $(USER_OBJS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

include tests/tests.mk

test:
	$(Q)scripts/test
versus: $(B)/natctl
	$(Q)tests/versus/run
demo:
	$(Q)scripts/demo
lab:
	$(Q)lab/lab up
lab-down:
	$(Q)lab/lab down
lint:
	$(Q)scripts/lint
format:
	$(Q)clang-format -i $$(git ls-files '*.c' '*.h' | grep -v '^vmlinux.h$$')
deps:
	$(Q)scripts/deps
deb:
	$(Q)scripts/deb

# Made every time: where it is to find natctl may be another place than the last time.
.PHONY: $(B)/natctl@.service
$(B)/natctl@.service: systemd/natctl@.service.in
	$(Q)mkdir -p $(@D)
	$(Q)sed 's|@SBINDIR@|$(SBINDIR)|g' $< > $@

# ---- manual and completions, of what natctl says of itself --------------------------------------
NATCTL_RUN ?= $(B)/natctl
$(B)/tables.json: $(B)/natctl
	$(Q)$(NATCTL_RUN) help -j > $@
$(B)/man/%: man/%.in scripts/manual $(B)/tables.json
	$(call say,MANUAL,$@)
	$(Q)mkdir -p $(@D)
	$(Q)scripts/manual page $< < $(B)/tables.json > $@
$(B)/completion.%: scripts/manual $(B)/tables.json
	$(call say,MANUAL,$@)
	$(Q)scripts/manual completion $* < $(B)/tables.json > $@

# A file of build/ and where it is installed.
INSTALLED := \
	natctl@.service:$(UNITDIR)/natctl@.service \
	man/natctl.8:$(DATADIR)/man/man8/natctl.8 \
	man/natctl.conf.5:$(DATADIR)/man/man5/natctl.conf.5 \
	completion.bash:$(DATADIR)/bash-completion/completions/natctl \
	completion.zsh:$(DATADIR)/zsh/vendor-completions/_natctl \
	completion.fish:$(DATADIR)/fish/vendor_completions.d/natctl.fish
MADE := $(foreach pair,$(INSTALLED),$(B)/$(firstword $(subst :, ,$(pair))))

manual: $(filter-out %.service,$(MADE))
install: $(B)/natctl $(MADE)
	install -D -m 0755 $(B)/natctl '$(DESTDIR)$(SBINDIR)/natctl'
	$(foreach pair,$(INSTALLED),install -D -m 0644 $(subst :, '$(DESTDIR),$(B)/$(pair))' && )true
uninstall:
	rm -f '$(DESTDIR)$(SBINDIR)/natctl' \
		$(foreach pair,$(INSTALLED),'$(DESTDIR)$(lastword $(subst :, ,$(pair)))')

clean:
	$(Q)rm -rf $(B)

-include $(BPF_OBJS:.o=.d) $(USER_OBJS:.o=.d)
