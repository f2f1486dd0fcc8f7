/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* `plantrpc fault`, a bad network, in front of a server. */
typedef struct _StressProxy StressProxy;

/* OPTIONS are options of the command, ended by NULL. */
StressProxy *stress_proxy_new     (const char    *url,
                                   ...) G_GNUC_NULL_TERMINATED;
void         stress_proxy_free    (StressProxy   *self);
const char  *stress_proxy_get_url (StressProxy   *self);
/* Does FAULT, such as “freeze up”, and returns when it has been done. */
void         stress_proxy_do      (StressProxy   *self,
                                   const char    *fault);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (StressProxy, stress_proxy_free)

G_END_DECLS
