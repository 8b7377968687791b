# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # it is for those who source this
# What make needs to build a module with clang for a kernel of Debian's. Sourced.

# They are configured for gcc, and clang 14 has not all of what it has.
clang_variables=(CC=clang CONFIG_CC_IS_GCC= CONFIG_CC_IS_CLANG=y CONFIG_RETHUNK= CONFIG_SLS=
	CONFIG_FTRACE_MCOUNT_USE_CC= CONFIG_INIT_STACK_ALL_ZERO=
	CONFIG_CC_IMPLICIT_FALLTHROUGH=-Wimplicit-fallthrough
	KCFLAGS=-Wno-unknown-warning-option)
