/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-bundle-private.h"

G_BEGIN_DECLS

/* Signals of a bundle that follow each other, on their way to the application. They are unpacked
 * one by one, when each is shown. */
typedef struct {
  gpointer           owner;   /* (unowned) (nullable): for the one that keeps it */
  GBytes            *payload; /* (owned): of the bundle */
  PlantRpcBundleIter iter;
  guint              n_left;
  gsize              size;    /* bytes that it takes */
  guint64            number;  /* of the next one, to be acknowledged */
} PlantRpcSeries;

/* One of them. The texts are inside the payload of the series. */
typedef struct {
  guint64           number;
  gsize             size;     /* bytes, to be acknowledged */
  gboolean          is_plain; /* else the signal is in EMISSION */
  const char       *name;
  PlantRpcArguments plain;
  PlantRpcEmission  emission;
} PlantRpcSeriesSignal;

/* ITER is at the first of the N signals, which take SIZE bytes. */
PlantRpcSeries *plant_rpc_series_new         (const PlantRpcBundleIter *iter,
                                              guint                     n,
                                              gsize                     size,
                                              guint64                   number);
void            plant_rpc_series_free        (gpointer                  self);
/* Leaves the next one out. Returns its number, and in SIZE its size, as in PlantRpcSeriesSignal. */
guint64         plant_rpc_series_skip        (PlantRpcSeries           *self,
                                              gsize                    *size);
/* Sets SIGNAL to the next one, which is to be cleared. Returns FALSE with the error set if it
 * cannot be understood, which then counts by NUMBER and SIZE, too. There must be one. */
gboolean        plant_rpc_series_next        (PlantRpcSeries           *self,
                                              PlantRpcSeriesSignal     *signal,
                                              GError                  **error);
void            plant_rpc_series_signal_clear (PlantRpcSeriesSignal    *signal);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcSeries, plant_rpc_series_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcSeriesSignal, plant_rpc_series_signal_clear)

G_END_DECLS
