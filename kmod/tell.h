/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_TELL_H
#define LABELHOP_TELL_H

#include "net.h"
#include "session.h"

void lh_tell_unmatched(struct lh_net *ln, const struct lh_session *s);

#endif /* LABELHOP_TELL_H */
