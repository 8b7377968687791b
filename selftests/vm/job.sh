# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # the variables are those of `run`
# What `run` hands to the guest; sourced by it.

# make_job DIRECTORY COMMAND...: writes what the guest finds in /job, and /init
# beside it.
make_job() {
	local job=$1 release modules
	shift
	release=$(cat "$kernel_dir/release")
	modules=$job/modules/$release
	mkdir -p "$modules"
	cp "$vm_dir/init" "$job/../init"
	cp "$vm_dir/guest" "$job/guest"
	printf '%s\0' "$@" >"$job/command"
	head -c 32 /dev/urandom >"$job/seed"
	job_environment "$release" >"$job/environment"

	# The guest's /lib/modules/RELEASE is a copy of all but the modules
	# themselves, so that a rebuild during the run doesn't matter.
	local from=$kernel_dir/lib/modules/$release
	if [ "$module" = 1 ]; then
		from=$built/lib/modules/$release
		exec {lock}<"$built/.lock"
		flock -s "$lock"
		cp -r "$from/extra" "$modules/"
	fi
	cp "$from"/modules.* "$modules/"
	[ "$module" = 0 ] || exec {lock}<&-
	ln -s "$kernel_dir/lib/modules/$release/kernel" "$modules/kernel"
	ln -s "$kernel_dir/build" "$modules/build"

	# These could lie where the guest has memory of its own.
	local path
	for path in "$repo" "$(cd "$cache" && pwd -P)" "$(pwd -P)"; do
		case $path/ in
		/tmp/?* | /run/?* | /var/tmp/?*) echo "$path" ;;
		esac
	done | sort -u >"$job/visible"

	local rows=24 columns=80
	[ "$tty" = 0 ] || read -r rows columns < <(stty size)
	case $kernel in
	uml-*) echo '-t hostfs -o ro none' ;;
	*) echo '-t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=512000 host' ;;
	esac >"$job/root"

	{
		printf '%s=%q\n' cwd "$(pwd -P)" end_mark "$end_mark" tty "$tty" \
			rows "$rows" columns "$columns" same_output "$same_output" \
			insmod "$insmod"
	} >"$job/settings"
}

# The guest's environment, each ended by a NUL.
job_environment() {
	local name
	printf '%s\0' "PATH=$repo/.build/tools:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin" \
		HOME=/root USER=root LOGNAME=root SHELL=/bin/bash LANG=C.UTF-8 \
		TERM="${TERM:-dumb}"
	# compgen -e names what is exported.
	while read -r name; do
		case $name in
		LABELHOP_KO | LABELHOP_KERNEL | LABELHOP_VM) ;;
		LABELHOP_* | KTAP_* | COLUMNS | NO_COLOR) printf '%s=%s\0' "$name" "${!name}" ;;
		esac
	done < <(compgen -e)
	printf '%s\0' LABELHOP_VM=1 "LABELHOP_KERNEL=$kernel"
	[ "$module" = 0 ] ||
		printf '%s\0' "LABELHOP_KO=/lib/modules/$1/extra/labelhop.ko"
}

# Those of every kernel.
common_arguments=(
	ignore_loglevel
	# Every way to go wrong ends the machine, which is told not to reboot.
	oops=panic panic=-1 softlockup_panic=1
	# An emulated processor on a busy host is slow, not stuck.
	watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120
	sysctl.kernel.hung_task_timeout_secs=600
	log_buf_len=4M
)

qemu_kernel_arguments() {
	local words=(
		"${common_arguments[@]}"
		console=ttyS0
		# QEMU's processors agree on the time, which the kernel doesn't
		# believe: it would ask the HPET, a call to QEMU for every packet.
		tsc=reliable
		# Whether the timer works is asked before a busy host has let it.
		no_timer_check
		# There is little else to gather entropy from.
		random.trust_cpu=on
		# What a test lab has no use for and an emulator is slow at.
		mitigations=off
	)
	# Of what is looked at, the module alone, there is little: look often.
	[[ $kernel != kcsan-* ]] || words+=(kcsan.early_enable=1 kcsan.skip_watch=200)
	echo "${words[*]}"
}

uml_kernel_arguments() {
	local words=(
		"${common_arguments[@]}"
		# The kernel writes to the first, and the last is /dev/console. A
		# line that is a file can be written to by the kernel alone.
		console=ttyS3 console=tty0
		# Tests in modules run when these are loaded.
		kunit.enable=1
		# A fault can be injected into all slabs but those of the checks.
		'slub_debug=A;-,kmemleak_*,debug_objects_cache'
	)
	[ "$kernel" = uml-6.1 ] ||
		words+=(
			kunit.autorun=1
			# Programs run without ptrace, which several processors need.
			seccomp=on "ncpus=$cpus"
		)
	echo "${words[*]}"
}
