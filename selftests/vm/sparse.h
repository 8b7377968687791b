/* SPDX-License-Identifier: GPL-2.0 */
/* What 7.3's headers take for granted and Debian 12's sparse doesn't know. */
#define __typeof_unqual__ __typeof__
#define __builtin_strlen(s) (sizeof(s) - 1)
