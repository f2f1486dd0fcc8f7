/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-calls-private.h"
#include "plant-rpc-test-device.h"

G_BEGIN_DECLS

/* Calls with an owner that writes down how each ends, over a link to a scripted device. The test
 * program must be linked with --wrap for the functions of the profile of the server, and for
 * plant_rpc_link_send(). */
typedef struct {
  PlantRpcTimer *timer;          /* (owned): rings only when the test rings it */
  PlantRpcTimer *link_timer;     /* (owned): likewise, for the link */
  PlantRpcLink  *link;           /* (owned) */
  PlantRpcCalls *calls;          /* (owned) */
  GString       *told;           /* (owned): the end of each call */
  int            server_timeout; /* ms */
  gboolean       unknown;        /* the server has no such method */
  gboolean       is_relay;       /* the server is one */
  gboolean       cut;            /* the connection is lost, which only sending notices */
  guint          n_quiet;
  void         (*action) (gpointer owner); /* done by the next call that ends */
} TestCalls;

#define assert_told(self, expected) test_wait_until (g_str_equal ((self)->told->str, expected))

/* The link is open, but the calls wait until plant_rpc_calls_resume(). */
TestCalls    *test_calls_new           (TestDevice      *device);
TestCalls    *test_calls_new_ready     (TestDevice      *device,
                                        PlantRpcFormat   format);
void          test_calls_free          (TestCalls       *self);

/* Adds a call whose end is written down under NAME. */
PlantRpcCall *test_calls_add           (TestCalls       *self,
                                        const char      *name,
                                        int              timeout,
                                        GCancellable    *cancellable);
/* Adds any request. WANTS_BUFFER and BLOCKING are those of plant_rpc_calls_add(). */
PlantRpcCall *test_calls_add_request   (TestCalls       *self,
                                        PlantRpcRequest *request,
                                        gboolean         wants_buffer,
                                        int              timeout,
                                        GCancellable    *cancellable,
                                        gboolean         blocking);
/* Lets the calls believe that MS milliseconds have passed from now on. */
void          test_calls_pass          (TestCalls       *self,
                                        int              ms);

/* Returns the next request, which must call the method NAME. */
TestRequest  *test_device_expect_call  (TestDevice      *device,
                                        const char      *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestCalls, test_calls_free)

G_END_DECLS
