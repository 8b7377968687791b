# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # for those who source this file
# The stock kernels that labelhop supports: built, checked and tested on each.
kernels="6.1 6.12 7.3"
# Those that look for faults in themselves: "Debug kernels" in testing.rst.
debug_kernels="uml-6.1 uml-7.3"
