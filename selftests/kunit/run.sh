#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The pure core's tests inside a kernel that has KUnit; in the lab:
#
#   selftests/vm/run --kernel uml-6.1 -- selftests/kunit/run.sh
#
# KUnit runs them when the module is loaded. Their results are taken from the
# kernel's log: debugfs has them too, but in 6.1 only the first 512 bytes of each.
set -uo pipefail
cd "$(dirname "$0")" || exit

suites=(test_*.c)
mark="labelhop_kunit begins, $$"
echo "$mark" >/dev/kmsg
modprobe labelhop_kunit || exit
dmesg --notime | sed "1,/$mark/d" | awk -v suites=${#suites[@]} -f results.awk
status=$?
rmmod labelhop_kunit || exit
exit "$status"
