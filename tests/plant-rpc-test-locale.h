/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* g_test_add_func(), twice: once as it is, and once under /comma with a locale whose decimal
 * separator is a comma. Without such a locale (Debian's locales-all has them) the second fails. */
void plant_rpc_test_add (const char *path,
                         GTestFunc   function);

G_END_DECLS
