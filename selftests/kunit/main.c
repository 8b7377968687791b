// SPDX-License-Identifier: GPL-2.0
/* The pure core and its tests, as a module. KUnit runs them when it is loaded. */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit tests of labelhop's pure core");
MODULE_LICENSE("GPL");
