# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# install.sh - make install and make uninstall, and the unit that is installed.

# exposure that is known to be possible, in tenths: the rest is what a NAT gateway is about
possible=21

# made TARGET [VARIABLE=VALUE...]: of a build of its own, for cases run side by side
made() {
	mkdir -p "$work/build"
	[ -e "$work/build/natctl" ] || cp "$natctl" "$work/build/natctl"
	make -C "$root" --no-print-directory B="$work/build" -o "$work/build/natctl" "$@" \
		>"$work/made" 2>&1 || fail "make $*: $(cat "$work/made")"
}

# listing: of all below $work/root
listing() {
	(cd "$work/root" && find . -printf '%P %y %m %l\n' | sort)
}

test_uninstall_takes_away_what_install_has_brought() {
	umask 022
	mkdir -p "$work"/root/opt/nat/{sbin,bin,lib/systemd/system}
	touch "$work"/root/opt/nat/sbin/natctld "$work/root/opt/nat/lib/systemd/system/nat@.service"
	listing >"$work/before"
	made install DESTDIR="$work/root" PREFIX=/opt/nat
	listing >"$work/during"
	is "installed" "$(diff "$work/before" "$work/during" | grep '^[<>]')" \
		"$(sed 's|^|> |' <<-'END'
			opt/nat/lib/systemd/system/natctl@.service f 644 
			opt/nat/sbin/natctl f 755 
			opt/nat/share d 755 
			opt/nat/share/bash-completion d 755 
			opt/nat/share/bash-completion/completions d 755 
			opt/nat/share/bash-completion/completions/natctl f 644 
			opt/nat/share/fish d 755 
			opt/nat/share/fish/vendor_completions.d d 755 
			opt/nat/share/fish/vendor_completions.d/natctl.fish f 644 
			opt/nat/share/man d 755 
			opt/nat/share/man/man5 d 755 
			opt/nat/share/man/man5/natctl.conf.5 f 644 
			opt/nat/share/man/man8 d 755 
			opt/nat/share/man/man8/natctl.8 f 644 
			opt/nat/share/zsh d 755 
			opt/nat/share/zsh/vendor-completions d 755 
			opt/nat/share/zsh/vendor-completions/_natctl f 644 
		END
		)"
	cmp "$natctl" "$work/root/opt/nat/sbin/natctl"
	made uninstall DESTDIR="$work/root" PREFIX=/opt/nat
	# Directories may be others' by now.
	find "$work/root/opt/nat/share" -type d -empty -delete
	listing >"$work/after"
	same "before install and after uninstall" "$work/before" "$work/after"
}

test_the_unit_names_the_place_where_natctl_is() {
	local unit
	made install DESTDIR="$work/root"
	unit="$work/root/usr/lib/systemd/system/natctl@.service"
	grep -q '^ExecStart=/usr/sbin/natctl attach %i --foreground$' "$unit"
	made install DESTDIR="$work/root" PREFIX=/usr/local
	unit="$work/root/usr/local/lib/systemd/system/natctl@.service"
	grep -q '^ExecStart=/usr/local/sbin/natctl ' "$unit"
	grep -q '^ExecReload=/usr/local/sbin/natctl ' "$unit"
	lacks "$unit" '@[A-Z]*@\|/usr/sbin'
}

test_systemd_understands_the_unit() {
	needs systemd-analyze
	made install PREFIX="$work/prefix"
	systemd-analyze verify --man=no "$work/prefix/lib/systemd/system/natctl@eth1.service" >"$work/said" 2>&1 ||
		fail "systemd-analyze verify: $(cat "$work/said")"
	is "complaints" "$(cat "$work/said")" ''
}

test_the_unit_is_exposed_as_little_as_is_possible() {
	local exposure
	needs systemd-analyze
	grep -q -- --offline <(systemd-analyze security --help) ||
		skip "this systemd-analyze judges no unit that is not loaded"
	made install PREFIX="$work/prefix"
	systemd-analyze security --offline=true --no-pager \
		"$work/prefix/lib/systemd/system/natctl@.service" >"$work/said"
	exposure=$(sed -nE 's/.*exposure level for .*: ([0-9]+)\.([0-9]).*/\1\2/p' "$work/said")
	echo "exposure of natctl@.service: ${exposure%?}.${exposure#?}, ${possible%?}.${possible#?} is possible"
	[ "$exposure" -le $possible ] || fail "exposure: $(grep '✗' "$work/said")"
}
