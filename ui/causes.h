/* SPDX-License-Identifier: GPL-2.0-or-later */
/* causes.h - --explain-causes: every cause, what it means, how it is known, what is seen, what to do. */
#ifndef LASTACK_UI_CAUSES_H
#define LASTACK_UI_CAUSES_H

#include "ui/page.h"

void causes_print(struct page *page);

#endif
