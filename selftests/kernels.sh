# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # for those who source this file
# The stock kernels that labelhop supports: built, checked and tested on each.
kernels="6.1 6.12 7.3"
# The one that looks for faults in itself and that `check` uses: "Debug kernels" in
# testing.rst. It finds all that uml-6.1 finds, and each takes ten minutes to build.
debug_kernels="uml-7.3"
