/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* `plantrpc fault` in front of a server: a bad network. */
typedef struct _StressProxy StressProxy;

/* OPTIONS are those of the command, up to NULL. */
StressProxy *stress_proxy_new     (const char    *url,
                                   ...) G_GNUC_NULL_TERMINATED;
void         stress_proxy_free    (StressProxy   *self);
const char  *stress_proxy_get_url (StressProxy   *self);
/* Returns when the fault is done, as “freeze up”. */
void         stress_proxy_do      (StressProxy   *self,
                                   const char    *fault);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (StressProxy, stress_proxy_free)

G_END_DECLS
