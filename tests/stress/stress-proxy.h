/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A narrow line: takes connections on loopback and passes bytes on to a server there, both ways, on
 * threads of its own. */
typedef struct _StressProxy StressProxy;

/* URL: tcp://127.0.0.1:PORT. After each STALL_AFTER bytes one way nothing passes for STALL_MS. */
StressProxy *stress_proxy_new     (const char   *url,
                                   guint         bytes_per_second,
                                   guint         stall_after,
                                   guint         stall_ms);
/* Once all its connections have ended. */
void         stress_proxy_free    (StressProxy  *self);
const char  *stress_proxy_get_url (StressProxy  *self);

G_END_DECLS
