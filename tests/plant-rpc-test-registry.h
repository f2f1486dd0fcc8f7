/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-test-peer.h"

G_BEGIN_DECLS

/* A registry that the test controls: it answers each request as the test says, or not at all. While
 * it waits, it runs the default main context. */
typedef struct _TestRegistry TestRegistry;

TestRegistry *test_registry_new       (void);
void          test_registry_free      (TestRegistry *self);
const char   *test_registry_get_url   (TestRegistry *self);

/* Waits for the next request and returns its payload. The request must be of EVENT, unless that is
 * NULL. */
GVariant     *test_registry_await     (TestRegistry *self,
                                       const char   *event);
/* Returns TRUE if a request has come; test_registry_send() then answers that one. */
gboolean      test_registry_try_await (TestRegistry *self);
/* Returns the routing id of the peer that sent the last request. Each connection has another
 * one. */
GBytes       *test_registry_dup_peer  (TestRegistry *self);

/* Sends a message behind the envelope of the last request, as a reply or as a push. */
void          test_registry_send      (TestRegistry *self,
                                       const char   *format,
                                       ...) G_GNUC_PRINTF (2, 3);
/* Sends a message behind the envelope of the last request but one, as a late reply. */
void          test_registry_send_late (TestRegistry *self,
                                       const char   *json);

/* Ends all connections and stops listening, but keeps the port. */
void          test_registry_leave     (TestRegistry *self);
void          test_registry_come_back (TestRegistry *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestRegistry, test_registry_free)

G_END_DECLS
