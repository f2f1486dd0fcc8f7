/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plant-rpc-error.h"
#include "plant-rpc-keypair.h"
#include "plant-rpc-known-devices.h"

/* The file of the known devices, and what people and others do to it. */
typedef struct {
  PlantRpcKnownDevices *known;
  char                 *folder;
  char                 *path;
  char                 *url;    /* of a device with a key */
  char                 *other;  /* of the same with another key */
} Fixture;

static char *
make_url (const char *address)
{
  g_autoptr (PlantRpcKeypair) keypair = plant_rpc_keypair_new (NULL);

  return g_strconcat (address, "#", plant_rpc_keypair_get_public_key (keypair), NULL);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->folder = g_dir_make_tmp ("plantrpc-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "known_devices", NULL);
  self->known = g_object_new (PLANT_RPC_TYPE_KNOWN_DEVICES, "path", self->path, NULL);
  self->url = make_url ("tcp://a:1");
  self->other = make_url ("tcp://a:1");
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *target = g_build_filename (self->folder, "target", NULL);

  g_object_unref (self->known);
  g_remove (self->path);
  g_remove (target);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
  g_free (self->path);
  g_free (self->url);
  g_free (self->other);
}

static void
write_file (Fixture    *self,
            const char *format,
            ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_assert_true (g_file_set_contents (self->path, text, -1, NULL));
}

static char *
read_file (Fixture *self)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (self->path, &text, NULL, NULL));
  return text;
}

/* Returns what a check of the device tells: “ok”, “unknown”, “changed” or another code. */
static const char *
check (Fixture    *self,
       const char *name,
       const char *url)
{
  g_autoptr (GError) error = NULL;

  if (plant_rpc_known_devices_check (self->known, name, url, &error))
    return "ok";
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return strstr (error->message, strchr (url, '#') + 1) != NULL ? "unknown" : "no key";
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return strstr (error->message, "plantrpc keys forget") != NULL ? "changed" : "unsafe";
  return "other";
}

static void
test_remembered (Fixture       *self,
                 gconstpointer  data)
{
  g_autofree char *found = NULL;
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) none = plant_rpc_known_devices_list_names (self->known, NULL);
  g_autofree char *moved = g_strconcat ("tcp://b:2", strchr (self->url, '#'), NULL);
  g_autoptr (GError) error = NULL;
  struct stat status;

  g_assert_cmpstr (plant_rpc_known_devices_get_path (self->known), ==, self->path);
  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_assert_cmpstr (check (self, "cam", self->url), ==, "unknown");
  g_assert_cmpstr (check (self, "cam", "tcp://a:1"), ==, "ok");
  g_assert_true (plant_rpc_known_devices_remember (self->known, "cam", self->url, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_lstat (self->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  g_assert_cmpstr (check (self, "cam", self->url), ==, "ok");
  g_assert_cmpstr (check (self, "cam", moved), ==, "ok");
  g_assert_cmpstr (check (self, "cam", self->other), ==, "changed");
  g_assert_cmpstr (check (self, "cam", "tcp://a:1"), ==, "changed");
  g_assert_cmpstr (check (self, "Cam", self->url), ==, "unknown");
  found = plant_rpc_known_devices_lookup (self->known, "cam", NULL);
  g_assert_cmpstr (found, ==, self->url);
  names = plant_rpc_known_devices_list_names (self->known, NULL);
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_cmpstr (names[0], ==, "cam");
}

static void
test_forgotten (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr (GError) changed = NULL;
  g_autoptr (GError) unknown = NULL;
  g_autoptr (GError) none = NULL;

  g_assert_true (plant_rpc_known_devices_remember (self->known, "cam", self->url, NULL));
  g_assert_true (plant_rpc_known_devices_remember (self->known, "cam", self->url, NULL));
  g_assert_false (plant_rpc_known_devices_remember (self->known, "cam", self->other, &changed));
  g_assert_error (changed, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_true (plant_rpc_known_devices_forget (self->known, "cam", NULL));
  g_assert_false (plant_rpc_known_devices_forget (self->known, "cam", &unknown));
  g_assert_error (unknown, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_null (plant_rpc_known_devices_lookup (self->known, "cam", &none));
  g_assert_error (none, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_true (plant_rpc_known_devices_remember (self->known, "cam", self->other, NULL));
}

static void
test_names (Fixture       *self,
            gconstpointer  data)
{
  const char *const names[] = { "Kamera 1", "#cam", "50%", "a%20b", "-cam", "caméra→🌱", " x " };
  const char *const bad[] = { "", "a\nb", "\xff", "a\x7f" };
  g_auto (GStrv) listed = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (plant_rpc_known_devices_remember (self->known, names[i], self->url, NULL));
  listed = plant_rpc_known_devices_list_names (self->known, NULL);
  g_assert_cmpuint (g_strv_length (listed), ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_cmpstr (listed[i], ==, names[i]);
      g_assert_cmpstr (check (self, names[i], self->other), ==, "changed");
      g_assert_true (plant_rpc_known_devices_forget (self->known, names[i], NULL));
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (plant_rpc_known_devices_remember (self->known, bad[i], self->url, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_urls (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (GError) bare = NULL;
  g_autoptr (GError) none = NULL;
  g_autofree char *zone = make_url ("tcp://[fe80::1%eth0]:5000");
  g_autofree char *found = NULL;

  g_assert_false (plant_rpc_known_devices_remember (self->known, "cam", "tcp://a:1", &bare));
  g_assert_error (bare, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_false (plant_rpc_known_devices_remember (self->known, "cam", "rubbish", &none));
  g_assert_error (none, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
  g_assert_true (plant_rpc_known_devices_remember (self->known, "cam", zone, NULL));
  found = plant_rpc_known_devices_lookup (self->known, "cam", NULL);
  g_assert_cmpstr (found, ==, zone);
}

static void
test_by_hand (Fixture       *self,
              gconstpointer  data)
{
  const char *key = strchr (self->url, '#') + 1;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  write_file (self,
              "# my devices\n\n  cam\ttcp://a:1   %s\r\ndog tcp://b:1 rubbish 2026-12-01\n"
              "bird\ncat tcp://c:1 %s 2026-12-01 mine\ncow tcp://d:1 %s\ncow tcp://d:1 %s",
              key, key, key, strchr (self->other, '#') + 1);
  g_assert_cmpstr (check (self, "cam", self->url), ==, "ok");
  /* Nobody knows which key was meant. */
  g_assert_cmpstr (check (self, "dog", self->url), ==, "changed");
  g_assert_cmpstr (check (self, "bird", "tcp://a:1"), ==, "changed");
  g_assert_cmpstr (check (self, "cat", self->url), ==, "changed");
  g_assert_cmpstr (check (self, "cow", self->url), ==, "ok");
  g_assert_cmpstr (check (self, "cow", self->other), ==, "ok");
  g_assert_null (plant_rpc_known_devices_lookup (self->known, "dog", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_true (plant_rpc_known_devices_forget (self->known, "cow", NULL));
  g_assert_true (plant_rpc_known_devices_remember (self->known, "fox", self->url, NULL));
  text = read_file (self);
  g_assert_true (g_str_has_prefix (text, "# my devices\n"));
  g_assert_nonnull (strstr (text, "\nfox tcp://a:1 "));
  g_assert_null (strstr (text, "cow"));
}

/* The file says whom to trust, so nobody else may write it, and what is none is not taken. */
static void
test_unsafe (Fixture       *self,
             gconstpointer  data)
{
  g_autofree char *target = g_build_filename (self->folder, "target", NULL);
  g_autofree char *bytes = g_malloc0 (2 * 1024 * 1024);

  g_assert_true (plant_rpc_known_devices_remember (self->known, "cam", self->url, NULL));
  g_assert_cmpint (g_chmod (self->path, 0644), ==, 0);
  g_assert_cmpstr (check (self, "cam", self->url), ==, "ok");
  g_assert_cmpint (g_chmod (self->path, 0622), ==, 0);
  g_assert_cmpstr (check (self, "cam", self->url), ==, "unsafe");
  g_assert_cmpstr (check (self, "dog", "tcp://a:1"), ==, "unsafe");
  g_assert_false (plant_rpc_known_devices_remember (self->known, "dog", self->url, NULL));
  g_assert_cmpint (g_chmod (self->path, 0600), ==, 0);
  /* A link leads to the file, and stays one. */
  g_assert_cmpint (g_rename (self->path, target), ==, 0);
  g_assert_cmpint (symlink (target, self->path), ==, 0);
  g_assert_true (plant_rpc_known_devices_remember (self->known, "dog", self->url, NULL));
  g_assert_true (g_file_test (self->path, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpstr (check (self, "dog", self->url), ==, "ok");
  g_assert_cmpint (g_remove (self->path), ==, 0);
  g_assert_cmpint (g_mkdir (self->path, 0700), ==, 0);
  g_assert_cmpstr (check (self, "cam", "tcp://a:1"), ==, "other");
  g_assert_cmpint (g_rmdir (self->path), ==, 0);
  g_assert_true (g_file_set_contents (self->path, bytes, 100, NULL));
  g_assert_cmpstr (check (self, "cam", "tcp://a:1"), ==, "other");
  g_assert_true (g_file_set_contents (self->path, bytes, 2 * 1024 * 1024, NULL));
  g_assert_cmpstr (check (self, "cam", "tcp://a:1"), ==, "other");
}

static void
test_full (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *rest = g_strnfill (1024 * 1024 - 50, '#');
  g_autoptr (GError) error = NULL;

  write_file (self, "%s\n", rest);
  g_assert_false (plant_rpc_known_devices_remember (self->known, "cam", self->url, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpstr (check (self, "cam", self->url), ==, "unknown");
}

static void
test_read_only (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr (PlantRpcKnownDevices) known =
      g_object_new (PLANT_RPC_TYPE_KNOWN_DEVICES, "path", "/proc/plantrpc/known_devices", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (plant_rpc_known_devices_check (known, "cam", "tcp://a:1", NULL));
  g_assert_false (plant_rpc_known_devices_remember (known, "cam", self->url, &error));
  g_assert_nonnull (error);
}

static gpointer
remember_many (gpointer data)
{
  Fixture *self = data;

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("%p-%u", (gpointer) g_thread_self (), i);

      g_assert_true (plant_rpc_known_devices_remember (self->known, name, self->url, NULL));
    }
  return NULL;
}

static void
test_at_once (Fixture       *self,
              gconstpointer  data)
{
  GThread *threads[4];
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("remember", remember_many, self);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  names = plant_rpc_known_devices_list_names (self->known, NULL);
  g_assert_cmpuint (g_strv_length (names), ==, 80);
}

static void
test_place (void)
{
  g_autoptr (PlantRpcKnownDevices) known = plant_rpc_known_devices_new ();
  g_autofree char *secret = plant_rpc_keypair_find_path ("default", NULL);
  g_autofree char *folder = g_path_get_dirname (secret);
  g_autofree char *path = g_build_filename (folder, "known_devices", NULL);

  g_assert_cmpstr (plant_rpc_known_devices_get_path (known), ==, path);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  add ("/known-devices/remembered", test_remembered);
  add ("/known-devices/forgotten", test_forgotten);
  add ("/known-devices/names", test_names);
  add ("/known-devices/urls", test_urls);
  add ("/known-devices/by-hand", test_by_hand);
  add ("/known-devices/unsafe", test_unsafe);
  add ("/known-devices/full", test_full);
  add ("/known-devices/read-only", test_read_only);
  add ("/known-devices/at-once", test_at_once);
  g_test_add_func ("/known-devices/place", test_place);
  return g_test_run ();
}
