/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plant-rpc-key-file-private.h"

/* Files of keys on the disk: who may have access to them, what is no file, and that one is there as
 * a whole or not at all. */

#define KEYS { "XzV6yxZT>:g6.wrU)Z:fqE^#Bjo:Z)!AoWpwscHF", \
               "nNM(X7)s5HW0RddB76E8?ceLfM)4m66bSx-*7K4=" }

static const PlantRpcKeyText both = KEYS;

typedef struct {
  char *folder; /* (owned) */
  char *path;   /* (owned) */
} Fixture;

/* If not 0, the user that the process seems to run as. */
static uid_t stranger;

uid_t __real_geteuid (void);
uid_t __wrap_geteuid (void);

uid_t
__wrap_geteuid (void)
{
  return stranger != 0 ? stranger : __real_geteuid ();
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("plantrpc-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "it's.key_secret", NULL);
}

/* Nothing else is left in the folder. */
static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_unlink (self->path);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
  g_free (self->path);
}

static void
write_keys (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcKeyDraft) draft = plant_rpc_key_draft_new (self->path, &both, &error);

  g_assert_no_error (error);
  g_assert_true (plant_rpc_key_draft_publish (draft, &error));
  g_assert_no_error (error);
}

/* Returns the error. */
static GError *
refuse (const char *path)
{
  static const PlantRpcKeyText nothing;
  GError *error = NULL;
  PlantRpcKeyText keys = { "", "" };

  g_assert_false (plant_rpc_key_file_read_secret (path, &keys, &error));
  g_assert_cmpmem (&keys, sizeof keys, &nothing, sizeof nothing);
  return error;
}

static void
test_write_and_read (Fixture       *self,
                     gconstpointer  data)
{
  const mode_t mask = umask (0);
  g_autoptr (GError) error = NULL;
  PlantRpcKeyText keys;
  struct stat status;

  write_keys (self);
  umask (mask);
  g_assert_cmpint (stat (self->path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode, ==, S_IFREG | 0600);
  g_assert_true (plant_rpc_key_file_read_secret (self->path, &keys, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (&keys, sizeof keys, &both, sizeof both);
}

/* Any bit for others is one too many, and the command in the message is one that helps. */
static void
test_modes (Fixture       *self,
            gconstpointer  data)
{
  g_autofree char *command = NULL;
  PlantRpcKeyText keys;

  write_keys (self);
  for (int mode = 0400; mode < 0600 + 0100; mode++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *number = g_strdup_printf ("(mode %04o)", mode);

      g_assert_cmpint (g_chmod (self->path, mode), ==, 0);
      if ((mode & 077) == 0)
        {
          g_assert_true (plant_rpc_key_file_read_secret (self->path, &keys, &error));
          continue;
        }
      error = refuse (self->path);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
      g_assert_nonnull (strstr (error->message, self->path));
      g_assert_nonnull (strstr (error->message, number));
      if (command == NULL)
        command = g_strdup (strstr (error->message, "chmod 600"));
    }
  g_assert_nonnull (command);
  g_assert_cmpint (g_chmod (self->path, 0644), ==, 0);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_assert_true (plant_rpc_key_file_read_secret (self->path, &keys, NULL));
}

static void
test_owner (Fixture       *self,
            gconstpointer  data)
{
  g_autofree char *number = NULL;
  g_autoptr (GError) error = NULL;
  const uid_t owner = getuid () != 0 ? getuid () : 12345;

  write_keys (self);
  g_assert_cmpint (chown (self->path, owner, (gid_t) -1), ==, 0);
  stranger = 54321;
  error = refuse (self->path);
  stranger = 0;
  number = g_strdup_printf ("belongs to user %u", (guint) owner);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_nonnull (strstr (error->message, number));
  g_assert_nonnull (strstr (error->message, "chown 54321 '"));
}

/* A public file is for everybody. */
static void
test_public (Fixture       *self,
             gconstpointer  data)
{
  PlantRpcKeyText public_key = KEYS;
  g_autoptr (PlantRpcKeyDraft) draft = NULL;
  g_autoptr (GError) error = NULL;
  PlantRpcKeyText keys;

  public_key.secret_key[0] = '\0';
  draft = plant_rpc_key_draft_new (self->path, &public_key, &error);
  g_assert_true (plant_rpc_key_draft_replace (draft, &error));
  g_assert_cmpint (g_chmod (self->path, 0666), ==, 0);
  g_assert_true (plant_rpc_key_file_read (self->path, &keys, &error));
  g_assert_cmpstr (keys.public_key, ==, both.public_key);

  g_assert_cmpint (g_chmod (self->path, 0600), ==, 0);
  error = refuse (self->path);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, "no secret key"));
}

/* A pipe that nobody writes does not block, and a device is not read. */
static void
test_no_file (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (GError) missing = refuse (self->path);
  g_autoptr (GError) folder = refuse (self->folder);
  g_autoptr (GError) device = refuse ("/dev/zero");
  g_autoptr (GError) pipe = NULL;

  g_assert_error (missing, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (missing->message, self->path));
  g_assert_error (folder, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_assert_error (device, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_assert_cmpint (mkfifo (self->path, 0600), ==, 0);
  pipe = refuse (self->path);
  g_assert_error (pipe, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
}

/* The permissions are those of the file, wherever a link is. */
static void
test_link (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *place = g_build_filename (self->folder, "link", NULL);
  g_autoptr (GError) error = NULL;
  PlantRpcKeyText keys;

  write_keys (self);
  g_assert_cmpint (symlink (self->path, place), ==, 0);
  g_assert_true (plant_rpc_key_file_read_secret (place, &keys, &error));
  g_assert_cmpint (g_chmod (self->path, 0640), ==, 0);
  error = refuse (place);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_unlink (place);
}

static void
test_other_contents (Fixture       *self,
                     gconstpointer  data)
{
  g_autofree char *large = g_strnfill (100000, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents_full (self->path, large, -1, G_FILE_SET_CONTENTS_NONE, 0600,
                                           NULL));
  error = refuse (self->path);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, "is no file of keys: it is larger than"));
  g_assert_nonnull (strstr (error->message, self->path));
}

/* Neither a file, nor a link that leads nowhere, is replaced. */
static void
test_exists (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (PlantRpcKeyDraft) draft = plant_rpc_key_draft_new (self->path, &both, NULL);
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (self->path, "mine", -1, NULL));
  g_assert_false (plant_rpc_key_draft_publish (draft, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_true (g_file_get_contents (self->path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "mine");

  g_unlink (self->path);
  g_assert_cmpint (symlink ("nowhere", self->path), ==, 0);
  g_assert_false (plant_rpc_key_draft_publish (draft, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
}

/* The disk is full after a few bytes. */
static void
test_half (Fixture       *self,
           gconstpointer  data)
{
  struct rlimit little, much;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &much), ==, 0);
  little = (struct rlimit) { 100, much.rlim_max };
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &little), ==, 0);
  g_assert_null (plant_rpc_key_draft_new (self->path, &both, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &much), ==, 0);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, self->path));
  g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));
}

static void
test_no_folder (Fixture       *self,
                gconstpointer  data)
{
  g_autofree char *path = g_build_filename (self->folder, "none", "a.key_secret", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (plant_rpc_key_draft_new (path, &both, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

#define add(name, func) g_test_add ("/key-file/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("write-and-read", test_write_and_read);
  add ("modes", test_modes);
  add ("owner", test_owner);
  add ("public", test_public);
  add ("no-file", test_no_file);
  add ("link", test_link);
  add ("other-contents", test_other_contents);
  add ("exists", test_exists);
  add ("half", test_half);
  add ("no-folder", test_no_folder);
  return g_test_run ();
}
