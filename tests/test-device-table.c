/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "plant-rpc-device-table-private.h"
#include "plant-rpc-error.h"

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

static PlantRpcDeviceRecord *
enter (Fixture    *self,
       const char *name,
       const char *url,
       gboolean    overwrite)
{
  const PlantRpcCandidate candidate = {
    .device_type = "camera",
    .name = name,
    .url = url,
    .overwrite = overwrite,
  };
  g_autoptr (GError) error = NULL;
  PlantRpcDeviceRecord *record =
      plant_rpc_device_table_register (self->table, &candidate, 0, &error);

  g_assert_no_error (error);
  return record;
}

static const char *
add (Fixture    *self,
     const char *name,
     const char *url,
     gboolean    overwrite)
{
  return enter (self, name, url, overwrite)->name;
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

  record = enter (self, "cam", "tcp://a:1", FALSE);
  uuid = g_strdup (record->uuid);
  /* From its own address it keeps its name, and gets a new identifier. */
  g_assert_cmpstr (add (self, "cam", "tcp://a:1", FALSE), ==, "cam");
  g_assert_false (plant_rpc_device_table_touch (self->table, uuid, SECOND, 0));
  g_assert_false (plant_rpc_device_table_unregister (self->table, uuid));
  g_assert_cmpstr (self->journal->str, ==, "+cam -cam +cam ");
  /* The devices removed by name and by address may be the same one. */
  g_assert_cmpstr (add (self, "cam", "tcp://a:1", TRUE), ==, "cam");
  g_assert_cmpstr (self->journal->str, ==, "+cam -cam +cam -cam +cam ");
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

  record = enter (self, "cam", "tcp://a:1", FALSE);
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
      enter (self, "cam", "tcp://a:1", FALSE);

  g_assert_true (plant_rpc_device_table_touch (self->table, record->uuid, -5 * SECOND, 0));
  plant_rpc_device_table_expire (self->table, 0);
  g_assert_cmpstr (self->journal->str, ==, "+cam ");
  plant_rpc_device_table_expire (self->table, 2 * SECOND);
  g_assert_cmpstr (self->journal->str, ==, "+cam -cam ");
}

/* The registration must be refused, and must change nothing. */
static void
refuse (Fixture                 *self,
        const PlantRpcCandidate *candidate,
        PlantRpcError            code,
        const char              *reason)
{
  g_autofree char *journal = g_strdup (self->journal->str);
  g_autoptr (GError) error = NULL;

  g_assert_null (plant_rpc_device_table_register (self->table, candidate, 0, &error));
  g_assert_error (error, PLANT_RPC_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, reason));
  g_assert_cmpstr (self->journal->str, ==, journal);
}

static void
test_texts (Fixture       *self,
            gconstpointer  data)
{
  static const char *const controls[] = {
    "a\nb", "\x1b[2J", "\x7f", "\302\233" "2J", "\342\200\256" "abc", "\342\201\246",
    "\342\200\250", "\330\234", "\342\200\217",
  };
  static const char *const addresses[] = { "", "camera", "tcp://", "http://h:1", "tcp://h:x" };
  PlantRpcCandidate good = { .device_type = "camera", .name = "cam", .url = "tcp://a:1" };

  for (guint i = 0; i < G_N_ELEMENTS (controls); i++)
    {
      PlantRpcCandidate type = good, name = good, url = good;
      g_autofree char *path = g_strconcat ("ipc://", controls[i], NULL);

      type.device_type = name.name = controls[i];
      url.url = path;
      refuse (self, &type, PLANT_RPC_ERROR_PROTOCOL,
              "type of the device is not UTF-8, or has control");
      refuse (self, &name, PLANT_RPC_ERROR_PROTOCOL,
              "name of the device is not UTF-8, or has control");
      refuse (self, &url, PLANT_RPC_ERROR_PROTOCOL,
              "address of the device is not UTF-8, or has control");
    }
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      PlantRpcCandidate url = good;

      url.url = addresses[i];
      refuse (self, &url, PLANT_RPC_ERROR_INVALID_URL, addresses[i]);
    }
  good.device_type = "";
  refuse (self, &good, PLANT_RPC_ERROR_PROTOCOL, "is empty");
  g_assert_cmpstr (add (self, "Kamera Süd “2”", "ipc:///run/käfer", FALSE), ==, "Kamera Süd “2”");
}

/* A listed text has at most as many bytes as a client reads, including the number of a name. */
static void
test_lengths (Fixture       *self,
              gconstpointer  data)
{
  g_autofree char *longest = g_strnfill (PLANT_RPC_MAX_REGISTRY_TEXT, 'x');
  g_autofree char *longer = g_strnfill (PLANT_RPC_MAX_REGISTRY_TEXT + 1, 'x');
  g_autofree char *stem = g_strnfill (PLANT_RPC_MAX_REGISTRY_TEXT - 2, 'y');
  g_autofree char *first = g_strconcat (stem, "-0", NULL);
  PlantRpcCandidate candidate = { .device_type = longest, .name = "", .url = "tcp://a:1" };

  refuse (self, &candidate, PLANT_RPC_ERROR_LIMIT, "name of the device has 1025 bytes, more than");
  candidate.device_type = longer;
  refuse (self, &candidate, PLANT_RPC_ERROR_LIMIT, "type of the device has 1024 bytes");
  candidate.device_type = stem;
  g_assert_cmpstr (
      plant_rpc_device_table_register (self->table, &candidate, 0, NULL)->name, ==, first);

  g_assert_cmpstr (add (self, longest, "tcp://b:1", FALSE), ==, longest);
  candidate = (PlantRpcCandidate) { .device_type = "t", .name = longest, .url = "tcp://c:1" };
  refuse (self, &candidate, PLANT_RPC_ERROR_LIMIT, "name of the device has 1025 bytes");
  /* It needs no number if it registers from its own address, or replaces the other device. */
  candidate.url = "tcp://b:1";
  g_assert_nonnull (plant_rpc_device_table_register (self->table, &candidate, 0, NULL));
  candidate.url = "tcp://c:1";
  candidate.overwrite = TRUE;
  g_assert_nonnull (plant_rpc_device_table_register (self->table, &candidate, 0, NULL));
}

static void
test_limit (Fixture       *self,
            gconstpointer  data)
{
  const PlantRpcCandidate more = { .device_type = "camera", .name = "x", .url = "tcp://x:1" };
  PlantRpcCandidate again = { .device_type = "camera", .name = "n5", .url = "tcp://h5:1" };
  g_autoptr (GPtrArray) records = NULL;

  for (guint i = 0; i < PLANT_RPC_MAX_DEVICES; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u", i);
      g_autofree char *url = g_strdup_printf ("tcp://h%u:1", i);

      g_assert_cmpstr (add (self, name, url, FALSE), ==, name);
    }
  refuse (self, &more, PLANT_RPC_ERROR_LIMIT, "has 10000 devices already");
  records = plant_rpc_device_table_list (self->table);
  g_assert_cmpuint (records->len, ==, PLANT_RPC_MAX_DEVICES);
  /* A device that is listed may always register again, or replace another one. */
  g_assert_nonnull (plant_rpc_device_table_register (self->table, &again, 0, NULL));
  again.url = "tcp://x:1";
  again.overwrite = TRUE;
  g_assert_nonnull (plant_rpc_device_table_register (self->table, &again, 0, NULL));
}

/* Returns how many devices with texts of SIZE bytes are accepted. */
static guint
fill (Fixture    *self,
      const char *peer,
      char        letter,
      gsize       size)
{
  g_autofree char *text = g_strnfill (size, letter);
  PlantRpcCandidate candidate = { .device_type = text, .name = "", .peer = peer };

  for (guint i = 0;; i++)
    {
      g_autofree char *url = g_strdup_printf ("tcp://%s-%u:1", peer, i);

      candidate.url = url;
      if (plant_rpc_device_table_register (self->table, &candidate, 0, NULL) == NULL)
        return i;
    }
}

/* One network address may use a quarter of the table. */
static void
test_shares (Fixture       *self,
             gconstpointer  data)
{
  const PlantRpcCandidate more = {
    .device_type = "t", .name = "x", .url = "tcp://x:1", .peer = "a",
  };
  g_autoptr (GPtrArray) records = NULL;

  g_assert_cmpuint (fill (self, "a", 'a', 3), ==, PLANT_RPC_MAX_DEVICES_OF_PEER);
  refuse (self, &more, PLANT_RPC_ERROR_LIMIT, "has 2500 devices from a already");
  add (self, "elsewhere", "tcp://e:1", FALSE);
  records = plant_rpc_device_table_list (self->table);
  for (guint i = 0; i < 10; i++)
    {
      PlantRpcDeviceRecord *record = g_ptr_array_index (records, i);

      g_assert_true (plant_rpc_device_table_unregister (self->table, record->uuid));
    }
  /* A device that has left makes room. */
  g_assert_nonnull (plant_rpc_device_table_register (self->table, &more, 0, NULL));
}

/* A quote is two bytes in JSON, and JSON is what counts. */
static void
test_bytes (Fixture       *self,
            gconstpointer  data)
{
  const PlantRpcCandidate more = {
    .device_type = "t", .name = "x", .url = "tcp://x:1", .peer = "other",
  };
  static const char *const peers[] = { "a", "b", "c", "d" };
  g_autofree char *long_text = g_strnfill (1000, '"');
  gsize written = 0;
  g_autoptr (GPtrArray) records = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    g_assert_cmpuint (fill (self, peers[i], '"', 1000), ==, 253);
  refuse (self,
          &(PlantRpcCandidate) {
            .device_type = long_text, .name = "", .url = "tcp://z:1", .peer = "a",
          },
          PLANT_RPC_ERROR_LIMIT, "devices from a take too many bytes");
  records = plant_rpc_device_table_list (self->table);
  for (guint i = 0; i < records->len; i++)
    written += strlen (((PlantRpcDeviceRecord *) g_ptr_array_index (records, i))->written);
  g_assert_cmpuint (written, >, PLANT_RPC_MAX_DEVICE_LIST * 95 / 100);
  g_assert_cmpuint (written, <=, PLANT_RPC_MAX_DEVICE_LIST);
  g_assert_nonnull (plant_rpc_device_table_register (self->table, &more, 0, NULL));
  fill (self, "e", '"', 1000);
  refuse (self, &(PlantRpcCandidate) { .device_type = long_text, .name = "", .url = "tcp://y:1" },
          PLANT_RPC_ERROR_LIMIT, "devices in the registry take too many bytes");
  /* A device that has left takes no room. */
  for (guint i = 0; i < 20; i++)
    {
      PlantRpcDeviceRecord *record = g_ptr_array_index (records, i);

      g_assert_true (plant_rpc_device_table_unregister (self->table, record->uuid));
    }
  g_assert_cmpuint (fill (self, "f", '"', 1000), ==, 20);
}

/* Many devices with one name register quickly, and each gets the smallest free number. */
static void
test_numbers (Fixture       *self,
              gconstpointer  data)
{
  static const guint gaps[] = { 4000, 17, 16, 3, 1 };
  g_autoptr (GPtrArray) records = NULL;

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *url = g_strdup_printf ("tcp://h%u:1", i);
      g_autofree char *expected = i > 0 ? g_strdup_printf ("cam-%u", i) : g_strdup ("cam");

      g_assert_cmpstr (add (self, "cam", url, FALSE), ==, expected);
    }
  records = plant_rpc_device_table_list (self->table);
  for (guint i = 0; i < G_N_ELEMENTS (gaps); i++)
    {
      PlantRpcDeviceRecord *record = g_ptr_array_index (records, gaps[i]);

      g_assert_true (plant_rpc_device_table_unregister (self->table, record->uuid));
    }
  for (guint i = G_N_ELEMENTS (gaps); i > 0; i--)
    {
      g_autofree char *url = g_strdup_printf ("tcp://g%u:1", i);
      g_autofree char *expected = g_strdup_printf ("cam-%u", gaps[i - 1]);

      g_assert_cmpstr (add (self, "cam", url, FALSE), ==, expected);
    }
  g_assert_cmpstr (add (self, "cam", "tcp://last:1", FALSE), ==, "cam-5000");
  /* Its own number is free for a device that registers again. */
  g_assert_cmpstr (add (self, "cam", "tcp://h30:1", FALSE), ==, "cam-30");
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
  ADD ("texts", test_texts);
  ADD ("lengths", test_lengths);
  ADD ("limit", test_limit);
  ADD ("shares", test_shares);
  ADD ("bytes", test_bytes);
  ADD ("numbers", test_numbers);
  return g_test_run ();
}
