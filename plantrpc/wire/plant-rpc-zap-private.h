/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Decides about the handshakes of one secured socket. libzmq asks by ZAP, whose word for what the
 * sockets of one owner have in common is domain (https://rfc.zeromq.org/spec/27/). One thread
 * answers for all domains of the process, so a main loop that is blocked delays no handshake. */
typedef struct _PlantRpcZapDomain PlantRpcZapDomain;

/* Returns whether the owner of the public key KEY is let in. ADDRESS is numeric, or that of an ipc
 * socket as libzmq tells it. It is called on the thread that answers, and must not take long. */
typedef gboolean (*PlantRpcZapFunc) (gpointer    owner,
                                     const char *key,
                                     const char *address);

/* Returns NULL with ERROR set if the thread that answers cannot be started. Who is let in is known
 * by the key of each message; see plant_rpc_frames_peek_key(). */
PlantRpcZapDomain *plant_rpc_zap_domain_new      (PlantRpcZapFunc     func,
                                                  gpointer            owner,
                                                  GError            **error);
/* From now on nobody is let in, and FUNC is not called. */
void               plant_rpc_zap_domain_free     (PlantRpcZapDomain  *self);
/* Returns the name, which no other domain of the process has. */
const char        *plant_rpc_zap_domain_get_name (PlantRpcZapDomain  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcZapDomain, plant_rpc_zap_domain_free)

G_END_DECLS
