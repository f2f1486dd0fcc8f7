/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-link-private.h"
#include "plant-rpc-test-device.h"

G_BEGIN_DECLS

/* An owner of a link that writes down what it is told. */
typedef struct {
  PlantRpcTimer *timer; /* (owned): rings only when the test rings it */
  PlantRpcLink  *link;  /* (owned) */
  GString       *told;  /* (owned): a word for each */
  guint          n_opened;
  guint          n_lost;
  guint          n_heard;
  GError        *reason; /* (owned) (nullable): of the last loss */
  void         (*action) (gpointer owner); /* done by the next reply */
} TestLink;

/* It connects at once. */
TestLink    *test_link_new          (const char   *url);
/* One that is open. */
TestLink    *test_link_new_open     (TestDevice   *device);
void         test_link_free         (TestLink     *self);

/* Sends a request, whose reply or error is written down under its name. Returns its id. */
guint64      test_link_send         (TestLink     *self,
                                     const char   *name);
/* Rings the alarms that are due, and returns whether exactly TOLD was written down. */
gboolean     test_link_is_told      (TestLink     *self,
                                     const char   *told);
/* How long the link can be left alone, in µs. */
gint64       test_link_measure_wait (TestLink     *self);

/* The next request, which must be the one of that name. */
TestRequest *test_device_expect_get (TestDevice *device,
                                     const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestLink, test_link_free)

G_END_DECLS
