/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-device-record-private.h"

PlantRpcDeviceRecord *
plant_rpc_device_record_new (const char *device_type,
                             const char *name,
                             const char *url,
                             const char *uuid,
                             gint64      last_seen)
{
  PlantRpcDeviceRecord *self = g_atomic_rc_box_new0 (PlantRpcDeviceRecord);

  self->device_type = g_strdup (device_type);
  self->name = g_strdup (name);
  self->url = g_strdup (url);
  self->uuid = g_strdup (uuid);
  atomic_init (&self->last_seen, last_seen);
  return self;
}

PlantRpcDeviceRecord *
plant_rpc_device_record_ref (PlantRpcDeviceRecord *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_record (gpointer data)
{
  PlantRpcDeviceRecord *self = data;

  g_free (self->name);
  g_free (self->device_type);
  g_free (self->url);
  g_free (self->uuid);
  g_free (self->written);
}

void
plant_rpc_device_record_unref (PlantRpcDeviceRecord *self)
{
  g_atomic_rc_box_release_full (self, clear_record);
}
