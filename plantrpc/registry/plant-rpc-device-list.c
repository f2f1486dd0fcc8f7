/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-device-list-private.h"
#include "plant-rpc-loan-private.h"

struct _PlantRpcDeviceList {
  PlantRpcHome *home;    /* (owned): of the owner */
  GListModel   *owner;   /* (unowned) */
  GPtrArray    *devices; /* (owned) (element-type PlantRpcDevice) */
  guint         n_updates;
};

static G_DEFINE_QUARK (plantrpc-device-list, device_list)

static PlantRpcDeviceList *
list_of (GListModel *owner)
{
  return g_object_get_qdata (G_OBJECT (owner), device_list_quark ());
}

static GType
get_item_type (GListModel *model)
{
  return PLANT_RPC_TYPE_DEVICE;
}

static guint
get_n_items (GListModel *model)
{
  PlantRpcDeviceList *self = list_of (model);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self->home);

  return self->devices->len;
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  PlantRpcDeviceList *self = list_of (model);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self->home);
  GPtrArray *devices = self->devices;

  return position < devices->len ? g_object_ref (devices->pdata[position]) : NULL;
}

void
plant_rpc_device_list_implement (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

void
plant_rpc_device_list_install_signals (GType type)
{
  g_signal_new ("device-added", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                PLANT_RPC_TYPE_DEVICE);
  g_signal_new ("device-removed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                PLANT_RPC_TYPE_DEVICE);
}

PlantRpcDeviceList *
plant_rpc_device_list_new (GListModel   *owner,
                           PlantRpcHome *home)
{
  PlantRpcDeviceList *self = g_new0 (PlantRpcDeviceList, 1);

  self->home = plant_rpc_home_ref (home);
  self->owner = owner;
  self->devices = g_ptr_array_new_with_free_func (g_object_unref);
  g_object_set_qdata (G_OBJECT (owner), device_list_quark (), self);
  return self;
}

void
plant_rpc_device_list_free (PlantRpcDeviceList *self)
{
  g_ptr_array_unref (self->devices);
  plant_rpc_home_unref (self->home);
  g_free (self);
}

static void
remove_device (PlantRpcDeviceList *self,
               guint               position)
{
  g_autoptr (PlantRpcDevice) device = g_object_ref (g_ptr_array_index (self->devices, position));
  g_auto (PlantRpcOutside) outside = { .n_stays = 0 };

  g_ptr_array_remove_index (self->devices, position);
  outside = plant_rpc_home_step_out ();
  g_list_model_items_changed (self->owner, position, 1, 0);
  plant_rpc_device_note_gone (device);
  g_signal_emit_by_name (self->owner, "device-removed", device);
}

static void
add_device (PlantRpcDeviceList   *self,
            PlantRpcDeviceRecord *record)
{
  g_autoptr (PlantRpcDevice) device = plant_rpc_device_new (record);
  guint position = self->devices->len;
  g_auto (PlantRpcOutside) outside = { .n_stays = 0 };

  g_ptr_array_add (self->devices, g_object_ref (device));
  outside = plant_rpc_home_step_out ();
  g_list_model_items_changed (self->owner, position, 0, 1);
  g_signal_emit_by_name (self->owner, "device-added", device);
}

/* Another record of the same registration differs in its time only. */
static void
note_seen (PlantRpcDevice       *device,
           PlantRpcDeviceRecord *record)
{
  PlantRpcDeviceRecord *known = plant_rpc_device_get_record (device);
  g_auto (PlantRpcOutside) outside = { .n_stays = 0 };

  if (known != record && atomic_load (&record->last_seen) > atomic_load (&known->last_seen))
    atomic_store (&known->last_seen, atomic_load (&record->last_seen));
  outside = plant_rpc_home_step_out ();
  plant_rpc_device_note_seen (device);
}

static GHashTable *
index_records (GPtrArray *records)
{
  GHashTable *by_uuid = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < records->len; i++)
    {
      PlantRpcDeviceRecord *record = g_ptr_array_index (records, i);

      g_hash_table_insert (by_uuid, record->uuid, record);
    }
  return by_uuid;
}

void
plant_rpc_device_list_update (PlantRpcDeviceList *self,
                              GPtrArray          *records)
{
  g_autoptr (GHashTable) wanted = index_records (records);
  g_autoptr (GListModel) guard = g_object_ref (self->owner);
  g_autoptr (GPtrArray) kept = g_ptr_array_ref (records);
  guint update = ++self->n_updates;
  guint position = 0;

  while (update == self->n_updates && position < self->devices->len)
    {
      g_autoptr (PlantRpcDevice) device =
          g_object_ref (g_ptr_array_index (self->devices, position));
      PlantRpcDeviceRecord *record =
          g_hash_table_lookup (wanted, plant_rpc_device_get_uuid (device));

      if (record == NULL)
        {
          remove_device (self, position);
          continue;
        }
      g_hash_table_remove (wanted, record->uuid);
      note_seen (device, record);
      position++;
    }
  for (guint i = 0; update == self->n_updates && i < kept->len; i++)
    {
      PlantRpcDeviceRecord *record = g_ptr_array_index (kept, i);

      if (g_hash_table_remove (wanted, record->uuid))
        add_device (self, record);
    }
}

PlantRpcDevice *
plant_rpc_device_list_find (PlantRpcDeviceList *self,
                            const char         *name)
{
  for (guint i = 0; i < self->devices->len; i++)
    {
      PlantRpcDevice *device = g_ptr_array_index (self->devices, i);

      if (g_str_equal (plant_rpc_device_get_name (device), name))
        return (PlantRpcDevice *) plant_rpc_loan_lend (self->home, device, g_object_ref,
                                                       g_object_unref);
    }
  return NULL;
}
