/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-session-private.h"
#include "plant-rpc-test-device.h"
#include "plant-rpc-test-recorder.h"

G_BEGIN_DECLS

/* The owner of a session, that writes down what it is told. */
typedef struct {
  PlantRpcSession *session;     /* (owned) */
  GString         *told;        /* (owned): states, snapshots, signals, a word for each */
  PlantRpcState    state;       /* as last told */
  guint            n_snapshots;
  GArray          *sequences;   /* (owned) (element-type guint64): not acknowledged yet */
  gsize            size;        /* of each of them */
} TestOwner;

/* INTERFACE (nullable): the members it knows, as JSON. */
TestOwner *test_owner_new        (const char     *url,
                                  const char     *interface);
/* One that is ready, and has forgotten how it became so. */
TestOwner *test_owner_new_ready  (TestDevice     *device);
void       test_owner_free       (TestOwner      *self);
void       test_owner_wait_state (TestOwner      *self,
                                  PlantRpcState   state);

/* Binds a publisher, and says so as a reply to INIT_SIGNALS_HANDLING. */
char      *test_make_port_reply  (TestPeer       *publisher);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestOwner, test_owner_free)

G_END_DECLS
