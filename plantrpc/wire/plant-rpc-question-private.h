/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A question for the addresses of a host. All who ask for the same host at the same time share one
 * look-up and its thread, so that names which nobody answers hold up no other name. At most
 * PLANT_RPC_MAX_LOOKUPS names are looked up at the same time. Names that were not answered the last
 * time get half of these places at most. All functions may be called from any thread. */
typedef struct _PlantRpcQuestion PlantRpcQuestion;

/* ADDRESSES (element-type utf8) (nullable) is as plant_rpc_resolver_look_up() returns it, or NULL
 * with ERROR. The function is called once, in another thread or within plant_rpc_question_new(). It
 * must be short and must not call any function of this file. */
typedef void (*PlantRpcQuestionFunc) (GPtrArray    *addresses,
                                      const GError *error,
                                      gpointer      user_data);

PlantRpcQuestion *plant_rpc_question_new      (const char           *host,
                                               PlantRpcQuestionFunc  answered,
                                               gpointer              user_data);
/* The function is not running, and is not called any more, once this has returned. */
void              plant_rpc_question_free     (PlantRpcQuestion     *self);
/* Returns TRUE if the look-up takes so long that another one should be begun, since the network may
 * have other name servers by now, or if the answer is as old as that. */
gboolean          plant_rpc_question_is_stale (PlantRpcQuestion     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcQuestion, plant_rpc_question_free)

G_END_DECLS
