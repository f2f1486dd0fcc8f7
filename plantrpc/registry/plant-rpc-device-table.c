/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-device-table-private.h"

/* A device is to go between its time and a second later. */
#define GRACE (G_USEC_PER_SEC / 2)

typedef struct {
  PlantRpcDeviceRecord *record; /* (owned) */
  gint64                deadline;
} Entry;

struct _PlantRpcDeviceTable {
  PlantRpcDeviceTableFunc  func;
  gpointer                 owner;
  GPtrArray               *entries; /* (owned) (element-type Entry) */
  GHashTable              *by_uuid; /* (not owned): Entry by what its record has */
  GHashTable              *by_name;
  GHashTable              *by_url;
};

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  plant_rpc_device_record_unref (entry->record);
  g_free (entry);
}

PlantRpcDeviceTable *
plant_rpc_device_table_new (PlantRpcDeviceTableFunc func,
                            gpointer                owner)
{
  PlantRpcDeviceTable *self = g_new0 (PlantRpcDeviceTable, 1);

  self->func = func;
  self->owner = owner;
  self->entries = g_ptr_array_new_with_free_func (free_entry);
  self->by_uuid = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_url = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
plant_rpc_device_table_free (PlantRpcDeviceTable *self)
{
  g_hash_table_unref (self->by_uuid);
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->by_url);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

static void
remove_entry (PlantRpcDeviceTable *self,
              Entry               *entry)
{
  g_autoptr(PlantRpcDeviceRecord) record = plant_rpc_device_record_ref (entry->record);

  g_hash_table_remove (self->by_uuid, record->uuid);
  g_hash_table_remove (self->by_name, record->name);
  g_hash_table_remove (self->by_url, record->url);
  g_ptr_array_remove (self->entries, entry);
  self->func (self->owner, record, FALSE);
}

static char *
choose_name (PlantRpcDeviceTable *self,
             const char          *device_type,
             const char          *proposed)
{
  const char *stem = *proposed != '\0' ? proposed : device_type;
  char *name = *proposed != '\0' ? g_strdup (proposed) : g_strdup_printf ("%s-0", device_type);

  for (guint i = 1; g_hash_table_contains (self->by_name, name); i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s-%u", stem, i);
    }
  return name;
}

PlantRpcDeviceRecord *
plant_rpc_device_table_register (PlantRpcDeviceTable *self,
                                 const char          *device_type,
                                 const char          *name,
                                 const char          *url,
                                 gboolean             overwrite,
                                 gint64               now)
{
  Entry *same = g_hash_table_lookup (self->by_url, url);
  g_autofree char *accepted = NULL;
  g_autofree char *uuid = g_uuid_string_random ();
  Entry *entry;

  if (same != NULL)
    remove_entry (self, same);
  same = overwrite ? g_hash_table_lookup (self->by_name, name) : NULL;
  if (same != NULL)
    remove_entry (self, same);
  if (self->entries->len >= PLANT_RPC_MAX_DEVICES)
    return NULL;

  accepted = choose_name (self, device_type, name);
  entry = g_new0 (Entry, 1);
  entry->record = plant_rpc_device_record_new (device_type, accepted, url, uuid, now);
  entry->deadline = now + PLANT_RPC_ALIVE_TIMEOUT + GRACE;
  g_ptr_array_add (self->entries, entry);
  g_hash_table_insert (self->by_uuid, entry->record->uuid, entry);
  g_hash_table_insert (self->by_name, entry->record->name, entry);
  g_hash_table_insert (self->by_url, entry->record->url, entry);
  self->func (self->owner, entry->record, TRUE);
  return entry->record;
}

gboolean
plant_rpc_device_table_unregister (PlantRpcDeviceTable *self,
                                   const char          *uuid)
{
  Entry *entry = g_hash_table_lookup (self->by_uuid, uuid);

  if (entry == NULL)
    return FALSE;
  remove_entry (self, entry);
  return TRUE;
}

gboolean
plant_rpc_device_table_touch (PlantRpcDeviceTable *self,
                              const char          *uuid,
                              gint64               alive_timeout,
                              gint64               now)
{
  Entry *entry = g_hash_table_lookup (self->by_uuid, uuid);

  if (entry == NULL)
    return FALSE;
  entry->deadline = now + MAX (alive_timeout, 0) + GRACE;
  atomic_store (&entry->record->last_seen, now);
  return TRUE;
}

void
plant_rpc_device_table_expire (PlantRpcDeviceTable *self,
                               gint64               now)
{
  guint i = 0;

  while (i < self->entries->len)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      if (entry->deadline <= now)
        remove_entry (self, entry);
      else
        i++;
    }
}

GPtrArray *
plant_rpc_device_table_list (PlantRpcDeviceTable *self)
{
  GPtrArray *records = g_ptr_array_new_full (
      self->entries->len, (GDestroyNotify) plant_rpc_device_record_unref);

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      g_ptr_array_add (records, plant_rpc_device_record_ref (entry->record));
    }
  return records;
}
