/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/gauge.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-peer.h"

G_BEGIN_DECLS

/* A gauge that is offered on loopback, with a method echo(message), and a raw peer before it. */
typedef struct {
  TestGauge      *gauge;
  PlantRpcServer *server;
  TestPeer       *peer;
} TestStand;

/* Returns a URL that no other run of the test has, where URL is one of the abstract namespace. */
char *test_make_own_url   (const char    *url);

/* For g_test_add(), whose data is a url; NULL: a port that the system picks. */
void test_stand_set_up    (TestStand     *self,
                           gconstpointer  url);
void test_stand_tear_down (TestStand     *self,
                           gconstpointer  url);

/* A PlantRpcMethodHandler: returns its argument. */
void test_handle_echo     (PlantRpcInvocation  *invocation,
                           gpointer             user_data,
                           GError             **error);

G_END_DECLS
