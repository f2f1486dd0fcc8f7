/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* Tells which clients a secured server or registry refuses, and how to allow them, and who joins by
 * an invitation, and how to revoke that. */
typedef struct _ServeGuard ServeGuard;

/* NAME is that of the server's pair of keys. */
ServeGuard *serve_guard_new  (Tool                  *tool,
                              PlantRpcAuthenticator *authenticator,
                              const char            *name);
void        serve_guard_free (ServeGuard            *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ServeGuard, serve_guard_free)

G_END_DECLS
