/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>
#include <zmq.h>

#include "plant-rpc-authenticator-private.h"
#include "plant-rpc-public-key-private.h"
#include "plant-rpc-test-peer.h"

#define ONE   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define TWO   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"
#define OTHER "__________________________________________8"

static void
note (PlantRpcAuthenticator *authenticator,
      const char            *key,
      gpointer               user_data)
{
  g_string_append_printf (user_data, "%c%d ", *key,
                          plant_rpc_authenticator_get_role (authenticator, key));
}

static void
test_table (void)
{
  g_autoptr (PlantRpcAuthenticator) self = plant_rpc_authenticator_new ();
  g_autoptr (GString) told = g_string_new (NULL);
  g_auto (GStrv) keys = NULL;
  g_autofree char *label = NULL;

  g_signal_connect (self, "changed", G_CALLBACK (note), told);
  g_assert_cmpint (plant_rpc_authenticator_get_role (self, ONE), ==, PLANT_RPC_ROLE_NONE);
  g_assert_true (
      plant_rpc_authenticator_allow (self, OTHER, PLANT_RPC_ROLE_ADMINISTRATOR, NULL, NULL));
  for (guint i = 0; i < 2; i++)
    g_assert_true (plant_rpc_authenticator_allow (self, ONE, PLANT_RPC_ROLE_VIEWER, "Eva", NULL));
  g_assert_true (plant_rpc_authenticator_allow (self, ONE, PLANT_RPC_ROLE_OPERATOR, "Eva", NULL));
  g_assert_cmpint (plant_rpc_authenticator_get_role (self, ONE), ==, PLANT_RPC_ROLE_OPERATOR);
  label = plant_rpc_authenticator_dup_label (self, ONE);
  g_assert_cmpstr (label, ==, "Eva");
  g_assert_null (plant_rpc_authenticator_dup_label (self, OTHER));
  keys = plant_rpc_authenticator_list_keys (self);
  g_assert_cmpuint (g_strv_length (keys), ==, 2);
  g_assert_cmpstr (keys[0], ==, ONE);
  g_assert_cmpstr (keys[1], ==, OTHER);
  g_assert_true (plant_rpc_authenticator_revoke (self, ONE, NULL));
  g_assert_cmpint (plant_rpc_authenticator_get_role (self, ONE), ==, PLANT_RPC_ROLE_NONE);
  g_assert_cmpstr (told->str, ==, "_3 A1 A2 A0 ");
  g_string_truncate (told, 0);
  g_assert_true (
      plant_rpc_authenticator_allow (self, OTHER, PLANT_RPC_ROLE_ADMINISTRATOR, "Ada", NULL));
  g_assert_cmpstr (told->str, ==, "");
  g_free (label);
  label = plant_rpc_authenticator_dup_label (self, OTHER);
  g_assert_cmpstr (label, ==, "Ada");
}

/* A key may be given as ZeroMQ writes it. */
static void
test_z85 (void)
{
  g_autoptr (PlantRpcAuthenticator) self = plant_rpc_authenticator_new ();
  guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE];
  char z85[41];

  g_assert_true (plant_rpc_public_key_parse (OTHER, bytes));
  zmq_z85_encode (z85, bytes, sizeof bytes);
  g_assert_true (plant_rpc_authenticator_allow (self, z85, PLANT_RPC_ROLE_VIEWER, NULL, NULL));
  g_assert_cmpint (plant_rpc_authenticator_get_role (self, OTHER), ==, PLANT_RPC_ROLE_VIEWER);
  g_assert_cmpint (plant_rpc_authenticator_find (self, OTHER), ==, PLANT_RPC_ROLE_VIEWER);
  g_assert_true (plant_rpc_authenticator_revoke (self, z85, NULL));
}

static void
test_no_key (void)
{
  g_autoptr (PlantRpcAuthenticator) self = plant_rpc_authenticator_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (
      plant_rpc_authenticator_allow (self, "me\n", PLANT_RPC_ROLE_VIEWER, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_null (strchr (error->message, '\n'));
  g_clear_error (&error);
  g_assert_false (plant_rpc_authenticator_revoke (self, "", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (plant_rpc_authenticator_revoke (self, ONE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpint (plant_rpc_authenticator_get_role (self, "me"), ==, PLANT_RPC_ROLE_NONE);
  g_assert_null (plant_rpc_authenticator_dup_label (self, "me"));
}

/* ---- refusals */

static void
count (PlantRpcAuthenticator *authenticator,
       const char            *key,
       const char            *address,
       gpointer               user_data)
{
  guint *n = user_data;

  (*n)++;
}

static gpointer
refuse_often (gpointer authenticator)
{
  for (guint i = 0; i < 1000; i++)
    plant_rpc_authenticator_tell_refused (authenticator, ONE, "10.0.0.1");
  return NULL;
}

/* Strangers may knock faster than the main loop runs. */
static void
test_flood (void)
{
  g_autoptr (PlantRpcAuthenticator) self = plant_rpc_authenticator_new ();
  guint n = 0;

  g_signal_connect (self, "refused", G_CALLBACK (count), &n);
  g_thread_join (g_thread_new ("stranger", refuse_often, self));
  g_assert_cmpuint (n, ==, 0);
  test_wait_until (n > 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n, <=, 16);
  n = 0;
  plant_rpc_authenticator_tell_refused (self, ONE, "10.0.0.1");
  test_wait_until (n == 1);
}

/* A refusal that waited while its key was allowed would ask the owner to allow it again. */
static void
test_allowed_meanwhile (void)
{
  g_autoptr (PlantRpcAuthenticator) self = plant_rpc_authenticator_new ();
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_signal_connect (self, "refused", G_CALLBACK (count), &n);
  plant_rpc_authenticator_tell_refused (self, ONE, "10.0.0.1");
  plant_rpc_authenticator_tell_refused (self, TWO, "10.0.0.1");
  plant_rpc_authenticator_allow (self, ONE, PLANT_RPC_ROLE_VIEWER, NULL, &error);
  g_assert_no_error (error);
  test_wait_until (n > 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n, ==, 1);
}

/* What has not been told is dropped. */
static void
test_freed (void)
{
  g_autoptr (PlantRpcAuthenticator) self = plant_rpc_authenticator_new ();
  guint n = 0;

  g_signal_connect (self, "refused", G_CALLBACK (count), &n);
  plant_rpc_authenticator_tell_refused (self, ONE, "10.0.0.1");
  g_object_add_weak_pointer (G_OBJECT (self), (gpointer *) &self);
  g_object_unref (self);
  g_assert_null (self);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n, ==, 0);
}

/* ---- the file */

typedef struct {
  char *path;
} Folder;

static void
set_up (Folder        *self,
        gconstpointer  data)
{
  self->path = g_build_filename (g_getenv ("STATE_DIRECTORY"), "keys", "camera.allowed", NULL);
}

static void
tear_down (Folder        *self,
           gconstpointer  data)
{
  g_remove (self->path);
  g_free (self->path);
}

static PlantRpcAuthenticator *
load (void)
{
  g_autoptr (GError) error = NULL;
  PlantRpcAuthenticator *self = plant_rpc_authenticator_new_for_name ("camera", &error);

  g_assert_no_error (error);
  return self;
}

#define assert_role(self, key, role) \
  g_assert_cmpint (plant_rpc_authenticator_get_role (self, key), ==, PLANT_RPC_ROLE_##role)

static void
test_kept (Folder        *folder,
           gconstpointer  data)
{
  g_autoptr (PlantRpcAuthenticator) self = load ();
  g_autoptr (PlantRpcAuthenticator) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *label = NULL;

  assert_role (self, ONE, NONE);
  plant_rpc_authenticator_allow (self, OTHER, PLANT_RPC_ROLE_ADMINISTRATOR, NULL, &error);
  plant_rpc_authenticator_allow (self, ONE, PLANT_RPC_ROLE_VIEWER, "Eva", &error);
  plant_rpc_authenticator_allow (self, ONE, PLANT_RPC_ROLE_OPERATOR, "Eva Ä.", &error);
  g_assert_no_error (error);
  again = load ();
  assert_role (again, ONE, OPERATOR);
  assert_role (again, OTHER, ADMINISTRATOR);
  label = plant_rpc_authenticator_dup_label (again, ONE);
  g_assert_cmpstr (label, ==, "Eva Ä.");

  /* Another process has changed the file. */
  g_assert_true (plant_rpc_authenticator_revoke (again, OTHER, NULL));
  test_wait_until (plant_rpc_authenticator_get_role (self, OTHER) == PLANT_RPC_ROLE_NONE);
  assert_role (self, ONE, OPERATOR);
  g_assert_false (
      plant_rpc_authenticator_allow (self, OTHER, PLANT_RPC_ROLE_VIEWER, "a\nb", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  assert_role (self, OTHER, NONE);
}

/* Whoever edits the file by hand finds his lines again. */
static void
test_by_hand (Folder        *folder,
              gconstpointer  data)
{
  static const char text[] = "# the lab\n"
                             "\n"
                             ONE " viewer Eva\n"
                             "  " OTHER "\toperator\r\n"
                             "nonsense\n"
                             ONE " king\n"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE none\n"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI";
  g_autoptr (PlantRpcAuthenticator) self = NULL;
  g_auto (GStrv) keys = NULL;
  g_autofree char *changed = NULL;

  g_object_unref (load ());
  g_assert_true (g_file_set_contents (folder->path, text, -1, NULL));
  self = load ();
  keys = plant_rpc_authenticator_list_keys (self);
  g_assert_cmpuint (g_strv_length (keys), ==, 2);
  assert_role (self, ONE, VIEWER);
  assert_role (self, OTHER, OPERATOR);
  g_assert_true (plant_rpc_authenticator_revoke (self, ONE, NULL));
  g_assert_true (g_file_get_contents (folder->path, &changed, NULL, NULL));
  g_assert_cmpstr (changed, ==, "# the lab\n"
                                "  " OTHER "\toperator\r\n"
                                "nonsense\n"
                                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE none\n"
                                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI\n");
}

/* However a line is written, a key that is revoked is not allowed by it. */
static void
test_revoked_line (Folder        *folder,
                   gconstpointer  data)
{
  static const char *const lines[] = {
    " " ONE " operator\n", "\t" ONE " operator\n", "\r" ONE " operator\n",
    "\f" ONE " operator\n", ONE " operator\n" ONE " administrator Eva\n",
    OTHER " viewer\n  " ONE "\toperator",
  };

  g_object_unref (load ());
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (PlantRpcAuthenticator) self = NULL;
      g_autoptr (PlantRpcAuthenticator) again = NULL;

      g_assert_true (g_file_set_contents (folder->path, lines[i], -1, NULL));
      self = load ();
      g_assert_true (plant_rpc_authenticator_revoke (self, ONE, NULL));
      again = load ();
      assert_role (again, ONE, NONE);
    }
}

/* A file with bytes that no text has is not changed, since what is behind them would be lost. */
static void
test_no_text (Folder        *folder,
              gconstpointer  data)
{
  static const char text[] = ONE " viewer\nx\0y\n" OTHER " viewer\n";
  g_autoptr (PlantRpcAuthenticator) self = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  gsize length;

  g_object_unref (load ());
  g_assert_true (g_file_set_contents (folder->path, text, sizeof text - 1, NULL));
  self = load ();
  assert_role (self, OTHER, VIEWER);
  g_assert_false (plant_rpc_authenticator_revoke (self, ONE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  assert_role (self, ONE, NONE);
  g_assert_true (g_file_get_contents (folder->path, &contents, &length, NULL));
  g_assert_cmpmem (contents, length, text, sizeof text - 1);
}

/* The target of a symbolic link is followed, and the link stays. */
static void
test_link (Folder        *folder,
           gconstpointer  data)
{
  g_autoptr (PlantRpcAuthenticator) self = NULL;
  g_autofree char *target = g_strconcat (folder->path, "-target", NULL);

  g_object_unref (load ());
  g_assert_true (g_file_set_contents (target, ONE " viewer\n", -1, NULL));
  g_assert_cmpint (symlink (target, folder->path), ==, 0);
  self = load ();
  assert_role (self, ONE, VIEWER);
  g_assert_true (
      plant_rpc_authenticator_allow (self, OTHER, PLANT_RPC_ROLE_OPERATOR, NULL, NULL));
  g_assert_true (g_file_test (folder->path, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (g_file_set_contents (target, OTHER " viewer\n", -1, NULL));
  test_wait_until (plant_rpc_authenticator_get_role (self, ONE) == PLANT_RPC_ROLE_NONE);
  assert_role (self, OTHER, VIEWER);
  g_assert_cmpint (g_remove (target), ==, 0);
  test_wait_until (plant_rpc_authenticator_get_role (self, OTHER) == PLANT_RPC_ROLE_NONE);
}

/* The folder may be replaced as a whole, as when it is restored. */
static void
test_folder (Folder        *folder,
             gconstpointer  data)
{
  g_autoptr (PlantRpcAuthenticator) self = load ();
  g_autofree char *keys = g_path_get_dirname (folder->path);
  g_autofree char *former = g_strconcat (keys, "-former", NULL);
  g_autofree char *left = g_build_filename (former, "camera.allowed", NULL);

  g_assert_true (
      plant_rpc_authenticator_allow (self, ONE, PLANT_RPC_ROLE_VIEWER, NULL, NULL));
  g_assert_cmpint (g_rename (keys, former), ==, 0);
  g_assert_cmpint (g_mkdir (keys, 0700), ==, 0);
  g_assert_true (g_file_set_contents (folder->path, OTHER " viewer\n", -1, NULL));
  test_wait_until (plant_rpc_authenticator_get_role (self, ONE) == PLANT_RPC_ROLE_NONE);
  test_wait_until (plant_rpc_authenticator_get_role (self, OTHER) == PLANT_RPC_ROLE_VIEWER);
  g_remove (left);
  g_assert_cmpint (g_rmdir (former), ==, 0);
}

/* A file that others may write allows nobody. */
static void
test_unsafe (Folder        *folder,
             gconstpointer  data)
{
  g_autoptr (PlantRpcAuthenticator) self = load ();
  g_autoptr (GError) error = NULL;

  g_assert_true (
      plant_rpc_authenticator_allow (self, ONE, PLANT_RPC_ROLE_VIEWER, NULL, NULL));
  g_assert_cmpint (g_chmod (folder->path, 0666), ==, 0);
  test_wait_until (plant_rpc_authenticator_get_role (self, ONE) == PLANT_RPC_ROLE_NONE);
  g_assert_null (plant_rpc_authenticator_new_for_name ("camera", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_cmpint (g_chmod (folder->path, 0644), ==, 0);
  test_wait_until (plant_rpc_authenticator_get_role (self, ONE) == PLANT_RPC_ROLE_VIEWER);
  g_assert_cmpint (g_remove (folder->path), ==, 0);
  test_wait_until (plant_rpc_authenticator_get_role (self, ONE) == PLANT_RPC_ROLE_NONE);
}

static gpointer
allow_some (gpointer first)
{
  for (guint i = 0; i < 25; i++)
    {
      g_autoptr (PlantRpcAuthenticator) self = load ();
      guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE] = { GPOINTER_TO_UINT (first), i };
      char key[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];

      plant_rpc_public_key_print (bytes, key);
      g_assert_true (
          plant_rpc_authenticator_allow (self, key, PLANT_RPC_ROLE_VIEWER, NULL, NULL));
    }
  return NULL;
}

/* Two commands at the same time do not undo each other. */
static void
test_at_once (Folder        *folder,
              gconstpointer  data)
{
  g_autoptr (PlantRpcAuthenticator) self = NULL;
  g_auto (GStrv) keys = NULL;
  GThread *threads[3];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("command", allow_some, GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  self = load ();
  keys = plant_rpc_authenticator_list_keys (self);
  g_assert_cmpuint (g_strv_length (keys), ==, 75);
}

static void
test_name (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (plant_rpc_authenticator_new_for_name ("../camera", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *state = g_dir_make_tmp ("plantrpc-XXXXXX", NULL);
  g_autofree char *keys = g_build_filename (state, "keys", NULL);
  int result;

  g_setenv ("STATE_DIRECTORY", state, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/authenticator/table", test_table);
  g_test_add_func ("/authenticator/z85", test_z85);
  g_test_add_func ("/authenticator/no-key", test_no_key);
  g_test_add_func ("/authenticator/flood", test_flood);
  g_test_add_func ("/authenticator/allowed-meanwhile", test_allowed_meanwhile);
  g_test_add_func ("/authenticator/freed", test_freed);
  g_test_add_func ("/authenticator/name", test_name);
#define add(path, function) g_test_add (path, Folder, NULL, set_up, function, tear_down)
  add ("/authenticator/kept", test_kept);
  add ("/authenticator/by-hand", test_by_hand);
  add ("/authenticator/revoked-line", test_revoked_line);
  add ("/authenticator/no-text", test_no_text);
  add ("/authenticator/link", test_link);
  add ("/authenticator/folder", test_folder);
  add ("/authenticator/unsafe", test_unsafe);
  add ("/authenticator/at-once", test_at_once);
  result = g_test_run ();
  g_rmdir (keys);
  g_rmdir (state);
  return result;
}
