# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # the variables are those of `run`
# What programs make a machine of a kernel; sourced by `run`.
#
# Each of these functions sets `machine`, the program and its arguments, and
# `machine_in` and `machine_out`, what it gets as standard input and output. It is
# started by `supervise` with these descriptors open:
#
#   7  the control port, from the guest
#   8  what the command prints
#   9  the same, of standard error

# Debian's own kernel, in QEMU.
make_qemu() {
	local accel escaped=${tmp//,/,,}
	accel=$("$vm_dir/accel" "$kernel")
	{ cat "$base" && (cd "$tmp" && find init job | cpio --quiet -o -H newc -R 0:0); } >"$tmp/initramfs"
	# Commas part QEMU's options; -nodefaults leaves out what would only take time.
	# shellcheck disable=SC2054
	machine=(
		"$qemu" -nodefaults -no-user-config -display none -no-reboot
		-machine pc -accel "$accel" -smp "$cpus" -m "$memory"
		-kernel "$kernel_dir/vmlinux" -initrd "$tmp/initramfs" -append "$(qemu_kernel_arguments)"
		-chardev "file,id=console,path=$escaped/console" -serial chardev:console
		-fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap
		-device virtio-9p-pci,fsdev=root,mount_tag=host
		-device virtio-serial-pci
		-chardev "pipe,id=control,path=$escaped/control"
		-device virtserialport,nr=1,chardev=control,name=labelhop.control
		# For its PTP hardware clock, which is out of order: net/clock.py.
		-device "e1000e,romfile="
	)
	case $accel in
	kvm) machine+=(-cpu host) ;;
	# Five levels of page tables and large register files to save are slow to emulate.
	# 7.3 believes a processor that says it has AVX and can't save its registers.
	tcg*) machine+=(-cpu "max,la57=off,xsave=off,avx=off,avx2=off") ;;
	esac
	# shellcheck disable=SC2054
	if [ "$tty" = 1 ]; then
		machine+=(-chardev stdio,id=tty,signal=off -device virtconsole,nr=2,chardev=tty)
		exec {machine_in}<&0 {machine_out}>&1
	else
		machine+=(-chardev "file,id=out,path=$escaped/out"
			-device virtserialport,nr=2,chardev=out,name=labelhop.out)
		[ "$same_output" = 1 ] ||
			machine+=(-chardev "file,id=err,path=$escaped/err"
				-device virtserialport,nr=3,chardev=err,name=labelhop.err)
		exec {machine_in}</dev/null {machine_out}>"$tmp/machine"
	fi
	machine+=("${qemu_extra[@]}")
}

# User-mode Linux: the kernel is a program of its own.
make_uml() {
	local mute_out mute_err control log_out terminal_name terminal_in terminal_out lines options=(--pid)
	{ cat "$base" && (cd "$tmp" && find init job | cpio --quiet -o -H newc -R 0:0); } >"$tmp/initramfs"
	exec {machine_in}</dev/null {machine_out}>"$tmp/machine" \
		{control}<>"$tmp/control.in" {log_out}>>"$console"
	lines=("ssl0=fd:$control,fd:7" "ssl3=fd:$log_out")
	if [ "$tty" = 1 ]; then
		# Opened anew since it will not be made to wait.
		terminal_name=$(tty)
		exec {terminal_in}<"$terminal_name"
		exec {terminal_out}>"$terminal_name"
		lines+=("ssl1=fd:$terminal_in,fd:$terminal_out")
	else
		# A line must be one to read from too.
		mkfifo "$tmp/mute"
		exec {mute_out}<>"$tmp/mute" {mute_err}<>"$tmp/mute"
		lines+=("ssl1=fd:$mute_out,fd:8" "ssl2=fd:$mute_err,fd:9")
	fi
	# Its memory is a file, which is no good on a disk.
	local room
	room=$(df --output=avail -B 1M /dev/shm 2>/dev/null | tail -n 1) || room=0
	local place=$tmp
	[ "${room:-0}" -lt 4096 ] || place=/dev/shm
	# It has processes that must not outlive it, signals its whole group, and
	# aborts, which the first process of a namespace can not.
	[ "$(id -u)" = 0 ] || options+=(--user --map-current-user)
	machine=(
		unshare "${options[@]}" --fork --kill-child setsid --fork --wait
		env "TMPDIR=$place" "$kernel_dir/linux" "mem=$memory" "initrd=$tmp/initramfs"
		con=null ssl=null "${lines[@]}" noreboot
	)
	read -ra lines < <(uml_kernel_arguments)
	machine+=("${lines[@]}")
}
