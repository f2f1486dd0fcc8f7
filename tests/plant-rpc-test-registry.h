/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-test-peer.h"

G_BEGIN_DECLS

/* A registry that does as it is told: it answers each request with what the test says, or not at
 * all. While it waits, the default main context runs. */
typedef struct _TestRegistry TestRegistry;

TestRegistry *test_registry_new       (void);
void          test_registry_free      (TestRegistry *self);
const char   *test_registry_get_url   (TestRegistry *self);

/* The payload of the next request, which must be of EVENT; NULL: of any. */
GVariant     *test_registry_await     (TestRegistry *self,
                                       const char   *event);
/* Whether a request has come by now; then it is the one that is answered. */
gboolean      test_registry_try_await (TestRegistry *self);
/* The routing identity of whom the last request came from: another connection has another one. */
GBytes       *test_registry_dup_peer  (TestRegistry *self);

/* A message behind the envelope of the last request, as its answer and as a push have it. */
void          test_registry_send      (TestRegistry *self,
                                       const char   *format,
                                       ...) G_GNUC_PRINTF (2, 3);
/* The same, behind another request number. */
void          test_registry_send_late (TestRegistry *self,
                                       const char   *json);

/* Ends all connections, and listens no more; the port stays its own. */
void          test_registry_leave     (TestRegistry *self);
void          test_registry_come_back (TestRegistry *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestRegistry, test_registry_free)

G_END_DECLS
