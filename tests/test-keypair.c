/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plant-rpc-key-file-private.h"
#include "plant-rpc-key-wipe-private.h"
#include "plant-rpc-keypair-private.h"
#include "plant-rpc-public-key-private.h"

/* Pairs of keys: made, saved, loaded, and kept under a name by several at the same time. */

#define N_PEERS  8
#define N_ROUNDS 20

typedef struct {
  char *folder;      /* (owned): where a service keeps what it has */
  char *path;        /* (owned): of the secret key of “camera” */
  char *public_path; /* (owned) */
} Fixture;

/* ---- calls that the tests take over */

static gboolean without_curve;
static const PlantRpcKeyText *watched; /* (nullable): its wiping is awaited */
static guint n_watched;                /* times that it was wiped */
static char *race_path;                /* (owned) (nullable): where another is faster */

int __real_zmq_curve_keypair (char *public_key, char *secret_key);
int __wrap_zmq_curve_keypair (char *public_key, char *secret_key);
int __real_zmq_curve_public (char *public_key, const char *secret_key);
int __wrap_zmq_curve_public (char *public_key, const char *secret_key);
void __real_plant_rpc_key_wipe (gpointer data, gsize size);
void __wrap_plant_rpc_key_wipe (gpointer data, gsize size);
gboolean __real_plant_rpc_key_draft_publish (PlantRpcKeyDraft *self, GError **error);
gboolean __wrap_plant_rpc_key_draft_publish (PlantRpcKeyDraft *self, GError **error);

int
__wrap_zmq_curve_keypair (char *public_key,
                          char *secret_key)
{
  if (!without_curve)
    return __real_zmq_curve_keypair (public_key, secret_key);
  errno = ENOTSUP;
  return -1;
}

int
__wrap_zmq_curve_public (char       *public_key,
                         const char *secret_key)
{
  if (!without_curve)
    return __real_zmq_curve_public (public_key, secret_key);
  errno = ENOTSUP;
  return -1;
}

static gboolean
has_secret (const char            *data,
            gsize                  size,
            const PlantRpcKeyText *keys)
{
  for (; size >= PLANT_RPC_KEY_LENGTH; data++, size--)
    {
      if (memcmp (data, keys->secret_key, PLANT_RPC_KEY_LENGTH) == 0)
        return TRUE;
    }
  return FALSE;
}

void
__wrap_plant_rpc_key_wipe (gpointer data,
                           gsize    size)
{
  if (watched != NULL && has_secret (data, size, watched))
    n_watched++;
  __real_plant_rpc_key_wipe (data, size);
}

gboolean
__wrap_plant_rpc_key_draft_publish (PlantRpcKeyDraft  *self,
                                    GError           **error)
{
  g_autofree char *path = g_steal_pointer (&race_path);
  g_autoptr (PlantRpcKeypair) other = path != NULL ? plant_rpc_keypair_new (NULL) : NULL;

  if (other != NULL)
    g_assert_true (plant_rpc_keypair_save (other, path, NULL));
  return __real_plant_rpc_key_draft_publish (self, error);
}

/* ---- the folder */

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("plantrpc-XXXXXX", &error);
  g_assert_no_error (error);
  g_setenv ("STATE_DIRECTORY", self->folder, TRUE);
  self->path = plant_rpc_keypair_find_path ("camera", &error);
  g_assert_no_error (error);
  self->public_path = g_strndup (self->path, strlen (self->path) - strlen ("_secret"));
}

static void
remove_pair (Fixture *self)
{
  g_unlink (self->path);
  g_unlink (self->public_path);
}

/* Nothing but the two files is left in the folder. */
static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *keys = g_build_filename (self->folder, "keys", NULL);

  remove_pair (self);
  if (g_file_test (keys, G_FILE_TEST_EXISTS))
    g_assert_cmpint (g_rmdir (keys), ==, 0);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_unsetenv ("STATE_DIRECTORY");
  g_free (self->folder);
  g_free (self->path);
  g_free (self->public_path);
}

static PlantRpcKeypair *
ensure (const char *name)
{
  g_autoptr (GError) error = NULL;
  PlantRpcKeypair *self = plant_rpc_keypair_ensure (name, &error);

  g_assert_no_error (error);
  g_assert_nonnull (self);
  return self;
}

static void
assert_public_file (Fixture         *self,
                    PlantRpcKeypair *pair)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *key = plant_rpc_keypair_load_public_key (self->public_path, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (key, ==, plant_rpc_keypair_get_public_key (pair));
}

/* ---- pairs */

static void
test_new (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcKeypair) one = plant_rpc_keypair_new (&error);
  g_autoptr (PlantRpcKeypair) other = plant_rpc_keypair_new (&error);
  g_autoptr (PlantRpcKeypair) same = NULL;
  PlantRpcKeypair *boxed = g_boxed_copy (PLANT_RPC_TYPE_KEYPAIR, one);

  g_assert_no_error (error);
  g_assert_true (boxed == one);
  g_boxed_free (PLANT_RPC_TYPE_KEYPAIR, boxed);
  g_assert_true (plant_rpc_key_text_is_key (plant_rpc_keypair_get_keys (one)->public_key));
  g_assert_cmpuint (strlen (plant_rpc_keypair_get_public_key (one)), ==,
                    PLANT_RPC_PUBLIC_KEY_LENGTH);
  g_assert_true (plant_rpc_key_text_is_key (plant_rpc_keypair_get_keys (one)->secret_key));
  g_assert_true (plant_rpc_keypair_equal (one, one));
  g_assert_false (plant_rpc_keypair_equal (one, other));
  same = plant_rpc_keypair_new_from_keys (plant_rpc_keypair_get_keys (one), &error);
  g_assert_no_error (error);
  g_assert_true (plant_rpc_keypair_equal (one, same));
}

static void
test_wiped (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (PlantRpcKeypair) kept = ensure ("camera");
  PlantRpcKeypair *pair;

  watched = plant_rpc_keypair_get_keys (kept);
  pair = plant_rpc_keypair_ref (ensure ("camera"));
  /* what was read, and the keys in it */
  g_assert_cmpuint (n_watched, ==, 2);
  plant_rpc_keypair_unref (pair);
  g_assert_cmpuint (n_watched, ==, 2);
  plant_rpc_keypair_unref (pair);
  g_assert_cmpuint (n_watched, ==, 3);

  n_watched = 0;
  remove_pair (self);
  g_assert_true (plant_rpc_keypair_save (kept, self->path, NULL));
  g_assert_cmpuint (n_watched, ==, 1);
  watched = NULL;
}

static void
test_without_curve (Fixture       *self,
                    gconstpointer  data)
{
  g_autoptr (PlantRpcKeypair) pair = ensure ("camera");
  g_autoptr (GError) error = NULL;

  without_curve = TRUE;
  g_assert_null (plant_rpc_keypair_new (&error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  g_assert_null (plant_rpc_keypair_load (self->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  g_assert_null (plant_rpc_keypair_ensure ("camera", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  without_curve = FALSE;
}

/* ---- files */

static void
test_save (Fixture       *self,
           gconstpointer  data)
{
  const mode_t mask = umask (022);
  g_autoptr (PlantRpcKeypair) pair = ensure ("camera");
  g_autoptr (PlantRpcKeypair) other = plant_rpc_keypair_new (NULL);
  g_autoptr (PlantRpcKeypair) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *contents = NULL;
  struct stat status;

  umask (mask);
  g_assert_cmpint (stat (folder, &status), ==, 0);
  g_assert_cmpuint (status.st_mode, ==, S_IFDIR | 0700);
  g_assert_cmpint (stat (self->path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode, ==, S_IFREG | 0600);
  g_assert_cmpuint (status.st_nlink, ==, 1);
  g_assert_cmpint (stat (self->public_path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode, ==, S_IFREG | 0644);
  g_assert_true (g_file_get_contents (self->public_path, &contents, NULL, NULL));
  g_assert_null (strstr (contents, plant_rpc_keypair_get_keys (pair)->secret_key));

  g_assert_false (plant_rpc_keypair_save (other, self->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  assert_public_file (self, pair);
  loaded = plant_rpc_keypair_load (self->path, &error);
  g_assert_no_error (error);
  g_assert_true (plant_rpc_keypair_equal (loaded, pair));
  g_assert_cmpstr (plant_rpc_keypair_get_keys (loaded)->secret_key, ==,
                   plant_rpc_keypair_get_keys (pair)->secret_key);
}

static void
test_bad_paths (Fixture       *self,
                gconstpointer  data)
{
  static const char *const paths[] = { "", "/tmp/camera.key", "/tmp/_secret/", "_secret", "/" };
  g_autoptr (PlantRpcKeypair) pair = plant_rpc_keypair_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (plant_rpc_keypair_save (pair, paths[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
    }
}

static void
test_mismatch (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (PlantRpcKeypair) pair = ensure ("camera");
  g_autoptr (PlantRpcKeypair) other = plant_rpc_keypair_new (NULL);
  PlantRpcKeyText keys = *plant_rpc_keypair_get_keys (pair);
  g_autoptr (PlantRpcKeyDraft) draft = NULL;
  g_autoptr (GError) error = NULL;

  g_strlcpy (keys.public_key, plant_rpc_keypair_get_keys (other)->public_key,
             sizeof keys.public_key);
  draft = plant_rpc_key_draft_new (self->path, &keys, &error);
  g_assert_true (plant_rpc_key_draft_replace (draft, &error));
  g_assert_null (plant_rpc_keypair_load (self->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, self->path));
  g_assert_nonnull (strstr (error->message, "the public key is not that of the secret key"));
  g_assert_null (strstr (error->message, keys.secret_key));
}

/* Files that czmq and pyzmq have written, and that of the documentation. */
static void
test_others (Fixture       *self,
             gconstpointer  data)
{
  static const char *const names[] = { "czmq", "pyzmq", "sample" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_strconcat (names[i], ".key", NULL);
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "keys", name, NULL);
      g_autofree char *secret_path = g_strconcat (path, "_secret", NULL);
      g_autofree char *key = plant_rpc_keypair_load_public_key (path, NULL);
      g_autofree char *copy = g_build_filename (self->folder, "copy", NULL);
      g_autofree char *contents = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (PlantRpcKeypair) pair = NULL;

      g_assert_true (g_file_get_contents (secret_path, &contents, NULL, &error));
      g_assert_true (g_file_set_contents_full (copy, contents, -1, G_FILE_SET_CONTENTS_NONE, 0600,
                                               &error));
      pair = plant_rpc_keypair_load (copy, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (plant_rpc_keypair_get_public_key (pair), ==, key);
      g_unlink (copy);
    }
}

/* ---- names and folders */

static void
test_names (Fixture       *self,
            gconstpointer  data)
{
  g_autofree char *longest = g_strnfill (128, 'x');
  g_autofree char *too_long = g_strnfill (129, 'x');
  const char *const good[] = { "default", "größe 1", "a..b", "-", longest };
  const char *const bad[] = { "", ".", "..", ".hidden", "a/b", "../x", "/x", "a\nb", "\033[m",
                              "\xff", "a\xc2\x85", too_long };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = plant_rpc_keypair_find_path (good[i], &error);
      g_autofree char *expected =
        g_strdup_printf ("%s/keys/%s.key_secret", self->folder, good[i]);

      g_assert_no_error (error);
      g_assert_cmpstr (path, ==, expected);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) second = NULL;

      g_assert_null (plant_rpc_keypair_find_path (bad[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_null (strpbrk (error->message, "\n\033"));
      g_assert_null (plant_rpc_keypair_ensure (bad[i], &second));
      g_assert_error (second, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
    }
}

/* The name of the longest file, too, and of its temporary one. */
static void
test_longest_name (Fixture       *self,
                   gconstpointer  data)
{
  g_autofree char *name = g_strnfill (128, 'x');

  remove_pair (self);
  g_free (self->path);
  g_free (self->public_path);
  self->path = plant_rpc_keypair_find_path (name, NULL);
  self->public_path = g_strndup (self->path, strlen (self->path) - strlen ("_secret"));
  plant_rpc_keypair_unref (ensure (name));
  plant_rpc_keypair_unref (ensure (name));
}

static void
assert_folder (const char *state,
               const char *expected)
{
  g_autofree char *path = NULL;
  g_autofree char *wanted = g_build_filename (expected, "a.key_secret", NULL);

  if (state != NULL)
    g_setenv ("STATE_DIRECTORY", state, TRUE);
  else
    g_unsetenv ("STATE_DIRECTORY");
  path = plant_rpc_keypair_find_path ("a", NULL);
  g_assert_cmpstr (path, ==, wanted);
}

static void
test_folders (void)
{
  g_autofree char *parent = g_build_filename (g_get_user_data_dir (), "plantrpc", NULL);
  g_autofree char *own = g_build_filename (parent, "keys", NULL);
  g_autofree char *path = g_build_filename (own, "a.key_secret", NULL);
  g_autofree char *public_path = g_build_filename (own, "a.key", NULL);
  g_autoptr (PlantRpcKeypair) pair = NULL;

  assert_folder ("/var/lib/camera", "/var/lib/camera/keys");
  assert_folder ("/var/lib/camera:/var/lib/plants", "/var/lib/camera/keys");
  assert_folder ("relative", own);
  assert_folder (":/var/lib/plants", own);
  assert_folder ("", own);
  assert_folder (NULL, own);
  pair = ensure ("a");
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_unlink (public_path), ==, 0);
  g_assert_cmpint (g_rmdir (own), ==, 0);
  g_assert_cmpint (g_rmdir (parent), ==, 0);
}

static void
test_no_folder (Fixture       *self,
                gconstpointer  data)
{
  g_autofree char *keys = g_build_filename (self->folder, "keys", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (keys, "", -1, NULL));
  g_assert_null (plant_rpc_keypair_ensure ("camera", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
  g_assert_nonnull (strstr (error->message, keys));
  g_unlink (keys);
  g_clear_error (&error);

  g_assert_cmpint (symlink ("nowhere", keys), ==, 0);
  g_assert_null (plant_rpc_keypair_ensure ("camera", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
  g_assert_nonnull (strstr (error->message, "Cannot make the folder"));
  g_assert_nonnull (strstr (error->message, keys));
  g_unlink (keys);
}

/* ---- keeping */

/* What somebody has removed or a crash has left out, or what is of a former pair, is written. */
static void
test_public_file_restored (Fixture       *self,
                           gconstpointer  data)
{
  g_autoptr (PlantRpcKeypair) pair = ensure ("camera");
  g_autoptr (PlantRpcKeypair) again = NULL;
  g_autoptr (PlantRpcKeypair) next = NULL;

  g_unlink (self->public_path);
  again = ensure ("camera");
  g_assert_true (plant_rpc_keypair_equal (pair, again));
  assert_public_file (self, pair);

  g_unlink (self->path);
  next = ensure ("camera");
  g_assert_false (plant_rpc_keypair_equal (pair, next));
  assert_public_file (self, next);

  g_assert_true (g_file_set_contents (self->public_path, "nonsense", -1, NULL));
  plant_rpc_keypair_unref (ensure ("camera"));
  assert_public_file (self, next);
}

/* The pair is good without its public file, which does not replace a folder. */
static void
test_no_public_file (Fixture       *self,
                     gconstpointer  data)
{
  g_autoptr (PlantRpcKeypair) pair = plant_rpc_keypair_new (NULL);
  g_autoptr (PlantRpcKeypair) kept = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (self->public_path, 0700), ==, 0);
  g_assert_false (plant_rpc_keypair_save (pair, self->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_assert_nonnull (strstr (error->message, self->public_path));
  kept = ensure ("camera");
  g_assert_true (plant_rpc_keypair_equal (pair, kept));
  g_assert_cmpint (g_rmdir (self->public_path), ==, 0);
}

/* A pair that cannot be used is no reason to make another one. */
static void
test_never_replaced (Fixture       *self,
                     gconstpointer  data)
{
  static const char *const contents[] = { "", "half of the fi" };
  g_autoptr (PlantRpcKeypair) pair = ensure ("camera");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chmod (self->path, 0644), ==, 0);
  g_assert_null (plant_rpc_keypair_ensure ("camera", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_unlink (self->path);
  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autofree char *there = NULL;

      g_clear_error (&error);
      g_assert_true (g_file_set_contents_full (self->path, contents[i], -1,
                                               G_FILE_SET_CONTENTS_NONE, 0600, NULL));
      g_assert_null (plant_rpc_keypair_ensure ("camera", &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      g_assert_true (g_file_get_contents (self->path, &there, NULL, NULL));
      g_assert_cmpstr (there, ==, contents[i]);
    }

  g_unlink (self->path);
  g_assert_cmpint (symlink ("nowhere", self->path), ==, 0);
  g_clear_error (&error);
  g_assert_null (plant_rpc_keypair_ensure ("camera", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
}

/* Another process saves its pair after this one has looked and before it saves its own. */
static void
test_slower (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (PlantRpcKeypair) pair = NULL;
  g_autoptr (PlantRpcKeypair) there = NULL;

  race_path = g_strdup (self->path);
  pair = ensure ("camera");
  g_assert_null (race_path);
  there = plant_rpc_keypair_load (self->path, NULL);
  g_assert_true (plant_rpc_keypair_equal (pair, there));
  assert_public_file (self, pair);
}

/* Waits until its end of the pipe START is closed, and writes the key to RESULTS. */
static void
run_child (const int start[2],
           int       results)
{
  g_autoptr (PlantRpcKeypair) pair = NULL;
  char nothing;

  close (start[1]);
  if (read (start[0], &nothing, 1) != 0)
    _exit (1);
  pair = plant_rpc_keypair_ensure ("camera", NULL);
  if (pair == NULL ||
      write (results, plant_rpc_keypair_get_public_key (pair), PLANT_RPC_PUBLIC_KEY_LENGTH) !=
        PLANT_RPC_PUBLIC_KEY_LENGTH)
    _exit (2);
  _exit (0);
}

static void
race_processes (Fixture *self)
{
  char keys[N_PEERS][PLANT_RPC_PUBLIC_KEY_LENGTH];
  int start[2], results[2], status;
  g_autoptr (PlantRpcKeypair) pair = NULL;

  g_assert_cmpint (pipe (start), ==, 0);
  g_assert_cmpint (pipe (results), ==, 0);
  for (guint i = 0; i < N_PEERS; i++)
    {
      pid_t child = fork ();

      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        run_child (start, results[1]);
    }
  close (start[0]);
  close (start[1]);
  for (guint i = 0; i < N_PEERS; i++)
    {
      g_assert_cmpint (wait (&status), >, 0);
      g_assert_cmpint (status, ==, 0);
    }
  g_assert_cmpint (read (results[0], keys, sizeof keys), ==, sizeof keys);
  close (results[0]);
  close (results[1]);
  pair = ensure ("camera");
  for (guint i = 0; i < N_PEERS; i++)
    g_assert_cmpmem (keys[i], PLANT_RPC_PUBLIC_KEY_LENGTH,
                     plant_rpc_keypair_get_public_key (pair),
                     PLANT_RPC_PUBLIC_KEY_LENGTH);
  assert_public_file (self, pair);
}

static void
test_processes (Fixture       *self,
                gconstpointer  data)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      race_processes (self);
      remove_pair (self);
    }
}

static gpointer
run_thread (gpointer data)
{
  return ensure ("camera");
}

static void
test_threads (Fixture       *self,
              gconstpointer  data)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      GThread *threads[N_PEERS];
      g_autoptr (PlantRpcKeypair) pair = NULL;

      for (guint j = 0; j < N_PEERS; j++)
        threads[j] = g_thread_new ("keys", run_thread, NULL);
      pair = ensure ("camera");
      for (guint j = 0; j < N_PEERS; j++)
        {
          g_autoptr (PlantRpcKeypair) other = g_thread_join (threads[j]);

          g_assert_true (plant_rpc_keypair_equal (pair, other));
        }
      assert_public_file (self, pair);
      remove_pair (self);
    }
}

#define add(name, func) g_test_add ("/keypair/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_autofree char *data_home = g_dir_make_tmp ("plantrpc-XXXXXX", NULL);
  int status;

  g_setenv ("XDG_DATA_HOME", data_home, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keypair/new", test_new);
  add ("wiped", test_wiped);
  add ("without-curve", test_without_curve);
  add ("save", test_save);
  add ("bad-paths", test_bad_paths);
  add ("mismatch", test_mismatch);
  add ("others", test_others);
  add ("names", test_names);
  add ("longest-name", test_longest_name);
  g_test_add_func ("/keypair/folders", test_folders);
  add ("no-folder", test_no_folder);
  add ("public-file-restored", test_public_file_restored);
  add ("no-public-file", test_no_public_file);
  add ("never-replaced", test_never_replaced);
  add ("slower", test_slower);
  add ("processes", test_processes);
  add ("threads", test_threads);
  status = g_test_run ();
  g_assert_cmpint (g_rmdir (data_home), ==, 0);
  return status;
}
