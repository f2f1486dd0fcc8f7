/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model.h"

G_BEGIN_DECLS

/* The typed client and the skeleton, in one file. */
char *vala_write (Model *model);

G_END_DECLS
