/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-series-private.h"

PlantRpcSeries *
plant_rpc_series_new (const PlantRpcBundleIter *iter,
                      guint                     n,
                      gsize                     size,
                      guint64                   number)
{
  PlantRpcSeries *self = g_new0 (PlantRpcSeries, 1);

  self->payload = g_bytes_ref (iter->payload);
  self->iter = *iter;
  self->n_left = n;
  self->number = number;
  self->size = sizeof *self + size;
  return self;
}

void
plant_rpc_series_free (gpointer data)
{
  PlantRpcSeries *self = data;

  g_bytes_unref (self->payload);
  g_free (self);
}

static gboolean
unpack (PlantRpcSeries        *self,
        PlantRpcSeriesSignal  *signal,
        const guint8          *data,
        gsize                  size,
        GError               **error)
{
  const guint8 *start = g_bytes_get_data (self->payload, NULL);
  g_autoptr (GBytes) payload = NULL;

  signal->is_plain =
      plant_rpc_arguments_unpack_part (&signal->plain, self->payload, data, size, &signal->name);
  if (signal->is_plain)
    return TRUE;
  payload = g_bytes_new_from_bytes (self->payload, (gsize) (data - start), size);
  if (!plant_rpc_emission_unpack (&signal->emission, payload, error))
    return FALSE;
  signal->name = signal->emission.name;
  return TRUE;
}

guint64
plant_rpc_series_skip (PlantRpcSeries *self,
                       gsize          *size)
{
  const guint8 *data;

  plant_rpc_bundle_iter_next (&self->iter, &data, size);
  *size += PLANT_RPC_PUSH_OVERHEAD;
  self->n_left--;
  return self->number++;
}

gboolean
plant_rpc_series_next (PlantRpcSeries        *self,
                       PlantRpcSeriesSignal  *signal,
                       GError               **error)
{
  const guint8 *data;
  gsize size;

  plant_rpc_bundle_iter_next (&self->iter, &data, &size);
  signal->emission = (PlantRpcEmission) { 0 };
  signal->is_plain = FALSE;
  signal->number = self->number++;
  signal->size = size + PLANT_RPC_PUSH_OVERHEAD;
  self->n_left--;
  return unpack (self, signal, data, size, error);
}

void
plant_rpc_series_signal_clear (PlantRpcSeriesSignal *signal)
{
  if (signal->is_plain)
    plant_rpc_arguments_clear (&signal->plain);
  else
    plant_rpc_emission_clear (&signal->emission);
}
