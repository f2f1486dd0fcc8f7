/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-test-device.h"

G_BEGIN_DECLS

/* Notifications and signals of a client of TEST_DEVICE_INTERFACE, as they come, each as a word. */
typedef struct {
  PlantRpcClient  *client;
  GObject         *watched; /* the same, while it lives */
  GString         *told;    /* (owned) */
  void           (*action) (gpointer recorder); /* (nullable): done by the next one */
} TestRecorder;

TestRecorder   *test_recorder_new     (PlantRpcClient   *client);
void            test_recorder_free    (TestRecorder     *self);
void            test_record           (TestRecorder     *self,
                                       const char       *format,
                                       ...) G_GNUC_PRINTF (2, 3);
/* A GAsyncReadyCallback: "reply". */
void            test_record_reply     (GObject          *object,
                                       GAsyncResult     *result,
                                       gpointer          recorder);

#define test_assert_told(self, expected) \
  test_wait_until (g_str_equal ((self)->told->str, expected))

/* Until there is nothing more to do by now. */
void            test_run_pending      (void);

/* One that is ready, with level 10 and mode "x", and has notified that. */
PlantRpcClient *test_client_new_ready (TestDevice       *device);
/* The device goes, and another one comes at its url. */
void            test_device_restart   (TestDevice      **device);
/* The arguments of the signal "captured". */
GVariant       *test_captured         (const char       *name,
                                       int               number);

void            test_call             (PlantRpcClient   *client,
                                       const char       *method,
                                       int               timeout,
                                       GCancellable     *cancellable,
                                       GAsyncResult    **result);
void            test_assert_value     (PlantRpcClient   *client,
                                       GAsyncResult     *result,
                                       const char       *expected);

#define test_assert_failed(client, result, domain, code)                                  \
  G_STMT_START                                                                            \
    {                                                                                     \
      g_autoptr (GError) test_error = NULL;                                                \
                                                                                          \
      g_assert_null (plant_rpc_client_call_finish (client, result, &test_error));         \
      g_assert_error (test_error, domain, code);                                          \
    }                                                                                     \
  G_STMT_END

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestRecorder, test_recorder_free)

G_END_DECLS
