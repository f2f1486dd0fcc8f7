/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "probe.h"

G_BEGIN_DECLS

/* Registers all methods with the server that offers DEVICE. */
void     test_device_offer   (TestProbe            *device,
                              PlantRpcServer       *server);

/* A PlantRpcWriteHandler, with the device as its data: refuses one label; takes two counts later,
 * one of them not; makes a third another. */
gboolean test_device_decide  (PlantRpcInvocation   *write,
                              const char           *name,
                              GVariant             *value,
                              gpointer              device,
                              GError              **error);
/* A PlantRpcReadHandler, likewise: fails for one label, and tells another one later. */
gboolean test_device_answer_read (PlantRpcInvocation  *read,
                                  const char          *name,
                                  gpointer             device,
                                  GError             **error);

G_END_DECLS
