/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-subscription-private.h"
#include "plant-rpc-test-device.h"

G_BEGIN_DECLS

/* A subscription whose link is never connected, with an owner that writes down what it is told. */
typedef struct {
  PlantRpcTimer        *timer;                     /* (owned): rings only when the test rings it */
  PlantRpcLink         *link;                      /* (owned) */
  PlantRpcSubscription *subscription;              /* (owned) */
  GString              *told;                      /* (owned) */
  guint                 n_received;
  guint64               n_lost;
  void                (*action) (gpointer owner);  /* done by the next signal */
} TestSubscription;

#define SIGNAL(name) \
  "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"" name "\", \"args\": [1], \"blocking\": false}"

#define assert_told(self, expected) test_wait_until (g_str_equal ((self)->told->str, expected))

TestSubscription *test_subscription_new       (const char       *url);
/* One of another client, which has not noticed that its publisher is gone. */
TestSubscription *test_subscription_new_stale (const char       *url);
void              test_subscription_free      (TestSubscription *self);
/* An action that runs a main loop until three signals have come. */
void              test_subscription_run_loop  (gpointer          owner);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestSubscription, test_subscription_free)

G_END_DECLS
