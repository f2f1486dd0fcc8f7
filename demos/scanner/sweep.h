/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

#include "path.h"

G_BEGIN_DECLS

/* Called for each picture, in the order of the path. */
typedef void (*ScannerSweepFunc) (GBytes   *picture,
                                  GVariant *info,
                                  gpointer  user_data);

void     scanner_sweep        (PlantRpcClient       *camera,
                               const ScannerPath    *path,
                               GCancellable         *cancellable,
                               ScannerSweepFunc      on_picture,
                               gpointer              picture_data,
                               GAsyncReadyCallback   callback,
                               gpointer              user_data);
gboolean scanner_sweep_finish (PlantRpcClient       *camera,
                               GAsyncResult         *result,
                               GError              **error);

G_END_DECLS
