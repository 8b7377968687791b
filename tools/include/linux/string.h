/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's linux/string.h has and user space's string.h lacks. */
#ifndef LABELHOP_TOOLS_STRING_H
#define LABELHOP_TOOLS_STRING_H

#include <sodium.h>
#include <string.h>

#define memzero_explicit(s, n)	sodium_memzero(s, n)

#endif /* LABELHOP_TOOLS_STRING_H */
