#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make, make install, DKMS and the refusal of a kernel that lacks an option, as
# KTAP. Nothing of the host is changed: all goes into a temporary directory, and
# the kernels are those of the lab.
# shellcheck disable=SC2317 # the tests are called by name, through test_one
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
# shellcheck source=selftests/kernels.sh
. selftests/kernels.sh

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
git ls-files -z Kbuild Makefile COPYING kmod uapi tools | xargs -0 cp --parents -t "$tmp"
src=$tmp
root=$tmp/root

headers() { echo "$(selftests/vm/kernel "$1")/build"; }
release() { cat "$(selftests/vm/kernel "$1")/release"; }

make_in() {
	local kernel=$1
	shift
	make -C "$src" KVER="$(release "$kernel")" KDIR="$(headers "$kernel")" "$@"
}

test_install() {
	make_in "$1" clean && make_in "$1" && make_in "$1" install DESTDIR="$root" || return
	[[ $(modinfo -F vermagic "$root/lib/modules/$(release "$1")"/updates/labelhop.ko*) == \
		"$(release "$1") "* ]] || return
	# It is 10 MB with what is for debuggers.
	[ "$(du -k "$root/lib/modules/$(release "$1")"/updates/labelhop.ko* | cut -f 1)" -lt 2000 ] || return
	"$root/usr/sbin/labelhop" -V || return
	[ -s "$root/usr/share/man/man8/labelhop.8" ] || [ -s "$root/usr/share/man/man8/labelhop.8.gz" ] || return
	[ -s "$root/usr/share/bash-completion/completions/labelhop" ]
}

test_uninstall() {
	make_in "$1" uninstall DESTDIR="$root" || return
	[ -z "$(find "$root" -type f -name 'labelhop*' -print)" ]
}

dkms_flags() {
	echo "--sourcetree $root/usr/src --dkmstree $root/var/lib/dkms" \
		"--installtree $root/lib/modules --kernelsourcedir $(headers "$1") --no-depmod"
}

test_dkms() {
	mkdir -p "$root/var/lib/dkms" "$root/lib/modules/$(release "$1")"
	make_in "$1" dkms-install DESTDIR="$root" \
		DKMS_FLAGS="$(dkms_flags "$1")" || {
		cat "$root"/var/lib/dkms/labelhop/*/build/make.log
		return 1
	}
	find "$root/lib/modules/$(release "$1")" -name 'labelhop.ko*' | grep . || return
	make_in "$1" dkms-remove DESTDIR="$root" \
		DKMS_FLAGS="--sourcetree $root/usr/src --dkmstree $root/var/lib/dkms --installtree $root/lib/modules --no-depmod" || return
	! find "$root/lib/modules" "$root/usr/src" -name 'labelhop*' | grep .
}

# In words, and without a build that fails. dkms 3.0.10 ends with 11 all the same.
test_dkms_rt() {
	local dir=$tmp/rt out flags
	rm -rf "$dir" "$root"
	cp -rL "$(headers 6.1)" "$dir" || return
	echo "CONFIG_PREEMPT_RT=y" | tee -a "$dir/include/config/auto.conf" >>"$dir/.config"
	mkdir -p "$root/var/lib/dkms" "$root/lib/modules/$(release 6.1)"
	flags=$(dkms_flags 6.1)
	flags=${flags/"$(headers 6.1)"/"$dir"}
	out=$(make_in 6.1 dkms-install DESTDIR="$root" DKMS_FLAGS="$flags" 2>&1)
	printf '%s\n' "$out"
	grep -q 'BUILD_EXCLUSIVE' <<<"$out" || return
	# shellcheck disable=SC2086 # options are words
	out=$(dkms autoinstall -k "$(release 6.1)" $flags 2>&1)
	printf '%s\n' "$out"
	grep -q 'should not be built\|skipp' <<<"$out" || return
	[ -z "$(find "$root/var/lib/dkms" -name make.log)" ]
}

# A kernel without an option is made of the real one's headers.
test_refusal() {
	local option=$1 dir out
	dir=$tmp/without
	rm -rf "$dir"
	cp -rL "$(headers 6.1)" "$dir" || return
	# It names the headers that all flavours share by a relative path.
	echo "include $(realpath "$(headers 6.1)/..")/linux-headers-*-common/Makefile" >"$dir/Makefile"
	sed -i "/^CONFIG_$option=/d" "$dir/include/config/auto.conf" "$dir/.config"
	out=$(make -C "$src" KVER="$(release 6.1)" KDIR="$dir" module 2>&1) && {
		echo "it was built without $option"
		return 1
	}
	printf '%s\n' "$out"
	grep -q "labelhop can't be built for this kernel, which lacks: CONFIG_$option\." <<<"$out"
}

test_no_headers() {
	local out
	out=$(make -C "$src" KVER=0.0.0-none module 2>&1) && return 1
	printf '%s\n' "$out"
	grep -q "no headers of kernel 0.0.0-none" <<<"$out"
}

n=0 failed=0
test_one() {
	local name=$1 out
	shift
	n=$((n + 1))
	if out=$("$@" 2>&1); then
		echo "ok $n $name"
	else
		printf '%s\n' "$out" | tail -n 30 | sed 's/^/# /'
		echo "not ok $n $name"
		failed=1
	fi
}

echo "KTAP version 1"
echo "1..$((3 * $(wc -w <<<"$kernels") + 4))"
for kernel in $kernels; do
	test_one "make and make install for $kernel" test_install "$kernel"
	test_one "make uninstall for $kernel" test_uninstall "$kernel"
	test_one "dkms-install and dkms-remove for $kernel" test_dkms "$kernel"
done
test_one "a kernel without NETFILTER_EGRESS is refused in words" test_refusal NETFILTER_EGRESS
test_one "a kernel without MPLS_IPTUNNEL is refused in words" test_refusal MPLS_IPTUNNEL
test_one "DKMS skips a kernel with PREEMPT_RT" test_dkms_rt
test_one "absent headers are named" test_no_headers
exit "$failed"
