/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-device-table-private.h"

#define SECOND G_USEC_PER_SEC

typedef struct {
  PlantRpcDeviceTable *table;
  GString             *journal; /* "+name" and "-name" */
} Fixture;

static void
on_device (gpointer              owner,
           PlantRpcDeviceRecord *record,
           gboolean              added)
{
  Fixture *self = owner;

  g_string_append_printf (self->journal, "%c%s ", added ? '+' : '-', record->name);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->journal = g_string_new (NULL);
  self->table = plant_rpc_device_table_new (on_device, self);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_device_table_free (self->table);
  g_string_free (self->journal, TRUE);
}

static const char *
add (Fixture    *self,
     const char *name,
     const char *url,
     gboolean    overwrite)
{
  return plant_rpc_device_table_register (self->table, "camera", name, url, overwrite, 0)->name;
}

static void
test_names (Fixture       *self,
            gconstpointer  data)
{
  g_assert_cmpstr (add (self, "cam", "tcp://a:1", FALSE), ==, "cam");
  g_assert_cmpstr (add (self, "cam", "tcp://b:1", FALSE), ==, "cam-1");
  g_assert_cmpstr (add (self, "cam", "tcp://c:1", FALSE), ==, "cam-2");
  g_assert_cmpstr (add (self, "", "tcp://d:1", FALSE), ==, "camera-0");
  g_assert_cmpstr (add (self, "", "tcp://e:1", FALSE), ==, "camera-1");
  /* The smallest number that is free. */
  g_assert_cmpstr (add (self, "other", "tcp://b:1", FALSE), ==, "other");
  g_assert_cmpstr (add (self, "cam", "tcp://f:1", FALSE), ==, "cam-1");
  g_assert_cmpstr (self->journal->str, ==,
                   "+cam +cam-1 +cam-2 +camera-0 +camera-1 -cam-1 +other +cam-1 ");
}

static void
test_addresses (Fixture       *self,
                gconstpointer  data)
{
  g_autofree char *uuid = NULL;
  PlantRpcDeviceRecord *record;

  record = plant_rpc_device_table_register (self->table, "camera", "cam", "tcp://a:1", FALSE, 0);
  uuid = g_strdup (record->uuid);
  /* From its own address it keeps its name, and gets a new identifier. */
  g_assert_cmpstr (add (self, "cam", "tcp://a:1", FALSE), ==, "cam");
  g_assert_false (plant_rpc_device_table_touch (self->table, uuid, SECOND, 0));
  g_assert_false (plant_rpc_device_table_unregister (self->table, uuid));
  g_assert_cmpstr (self->journal->str, ==, "+cam -cam +cam ");
}

static void
test_overwrite (Fixture       *self,
                gconstpointer  data)
{
  add (self, "cam", "tcp://a:1", FALSE);
  add (self, "lamp", "tcp://b:1", FALSE);
  /* One device of the same address, and one of the same name, go. */
  g_assert_cmpstr (add (self, "cam", "tcp://b:1", TRUE), ==, "cam");
  g_assert_cmpstr (self->journal->str, ==, "+cam +lamp -lamp -cam +cam ");
}

static void
test_expiry (Fixture       *self,
             gconstpointer  data)
{
  PlantRpcDeviceRecord *record;
  const char *uuid;

  record = plant_rpc_device_table_register (self->table, "camera", "cam", "tcp://a:1", FALSE, 0);
  uuid = record->uuid;
  plant_rpc_device_table_expire (self->table, 20 * SECOND);
  g_assert_cmpstr (self->journal->str, ==, "+cam ");
  g_assert_true (plant_rpc_device_table_touch (self->table, uuid, 3 * SECOND, 20 * SECOND));
  g_assert_cmpint (atomic_load (&record->last_seen), ==, 20 * SECOND);
  plant_rpc_device_table_expire (self->table, 23 * SECOND);
  g_assert_cmpstr (self->journal->str, ==, "+cam ");
  plant_rpc_device_table_expire (self->table, 24 * SECOND);
  g_assert_cmpstr (self->journal->str, ==, "+cam -cam ");
}

static void
test_no_time (Fixture       *self,
              gconstpointer  data)
{
  PlantRpcDeviceRecord *record =
      plant_rpc_device_table_register (self->table, "camera", "cam", "tcp://a:1", FALSE, 0);

  g_assert_true (plant_rpc_device_table_touch (self->table, record->uuid, -5 * SECOND, 0));
  plant_rpc_device_table_expire (self->table, 2 * SECOND);
  g_assert_cmpstr (self->journal->str, ==, "+cam -cam ");
}

static void
test_limit (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr(GPtrArray) records = NULL;

  for (guint i = 0; i < PLANT_RPC_MAX_DEVICES; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u", i);
      g_autofree char *url = g_strdup_printf ("tcp://h%u:1", i);

      g_assert_cmpstr (add (self, name, url, FALSE), ==, name);
    }
  g_assert_null (
      plant_rpc_device_table_register (self->table, "camera", "x", "tcp://x:1", FALSE, 0));
  records = plant_rpc_device_table_list (self->table);
  g_assert_cmpuint (records->len, ==, PLANT_RPC_MAX_DEVICES);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/device-table/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("names", test_names);
  ADD ("addresses", test_addresses);
  ADD ("overwrite", test_overwrite);
  ADD ("expiry", test_expiry);
  ADD ("no-time", test_no_time);
  ADD ("limit", test_limit);
  return g_test_run ();
}
