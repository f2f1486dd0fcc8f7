/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "plant-rpc-key-file-private.h"
#include "plant-rpc-keypair-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-public-key-private.h"
#include "plant-rpc-text-private.h"

/* Where pairs of keys are kept, and the two files of each: NAME.key_secret has both keys, and
 * NAME.key only the public one. pyzmq and czmq name their files in the same way. */

#define SECRET_END "_secret"
#define FILE_END   ".key" SECRET_END
#define MAX_NAME   128 /* bytes; the name of a file has 255 at most */
#define MAX_TRIES  3

/* ---- paths */

static gboolean
is_name (const char *name)
{
  const gsize length = strnlen (name, MAX_NAME + 1);

  if (length == 0 || length > MAX_NAME || *name == '.' || strchr (name, '/') != NULL ||
      !g_utf8_validate (name, -1, NULL))
    return FALSE;
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    {
      if (g_unichar_iscntrl (g_utf8_get_char (at)))
        return FALSE;
    }
  return TRUE;
}

/* A service of systemd has a folder for what it keeps. There may be more, separated by colons. */
static char *
find_folder (void)
{
  const char *state = g_getenv ("STATE_DIRECTORY");
  g_autofree char *first = state != NULL ? g_strndup (state, strcspn (state, ":")) : NULL;

  if (first != NULL && g_path_is_absolute (first))
    return g_build_filename (first, "keys", NULL);
  return g_build_filename (g_get_user_data_dir (), "plantrpc", "keys", NULL);
}

/**
 * plant_rpc_keypair_find_path:
 * @name: the name of a pair, such as `default`
 * @error: return location for an error
 *
 * Tells where [ctor@Keypair.ensure] keeps the pair of that name, whether there is one or not.
 *
 * It is the file `NAME.key_secret` in the folder `plantrpc/keys` of the user's data directory
 * ([func@GLib.get_user_data_dir]). In a service of systemd with a `StateDirectory=` it is in the
 * folder `keys` there.
 *
 * A name has 1 to 128 bytes of UTF-8, no `/` and no control characters, and does not begin with a
 * dot. For any other one the function fails with %G_IO_ERROR_INVALID_FILENAME.
 *
 * Returns: (type filename) (transfer full): the path of the file with the secret key
 *
 * Since: 1.1
 */
char *
plant_rpc_keypair_find_path (const char  *name,
                             GError     **error)
{
  g_autofree char *shown = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *file = NULL;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!is_name (name))
    {
      shown = plant_rpc_text_show (name);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                   _("“%s” is no name for a pair of keys: it has 1 to %d bytes of UTF-8, no slash "
                     "and no control characters, and does not begin with a dot"), shown, MAX_NAME);
      return NULL;
    }
  folder = find_folder ();
  file = g_strconcat (name, FILE_END, NULL);
  return g_build_filename (folder, file, NULL);
}

/* Returns the path of the public file beside PATH, or NULL. */
static char *
find_public_path (const char  *path,
                  GError     **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *shown = NULL;

  if (g_str_has_suffix (name, SECRET_END) && strlen (name) > strlen (SECRET_END))
    return g_strndup (path, strlen (path) - strlen (SECRET_END));
  shown = plant_rpc_text_escape (path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
               _("“%s” is no path for a secret key: its name is to end in “_secret”"), shown);
  return NULL;
}

static gboolean
make_folder (const char  *path,
             GError     **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *shown = plant_rpc_text_escape (folder);
  int code;

  if (g_mkdir_with_parents (folder, 0700) == 0)
    return TRUE;
  code = errno;
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (code),
               _("Cannot make the folder “%s”: %s"), shown, g_strerror (code));
  return FALSE;
}

/* ---- reading */

/**
 * plant_rpc_keypair_load: (constructor)
 * @path: (type filename): the file with the secret key, such as `camera.key_secret`
 * @error: return location for an error
 *
 * Reads a pair from the file that has both keys. [method@Keypair.save], pyzmq and czmq write such
 * files.
 *
 * A secret key that others can read is none. So the function fails with
 * %G_IO_ERROR_PERMISSION_DENIED if anybody but its owner may use the file, or if its owner is
 * neither this user nor root. The message has a command that changes it. It fails with
 * %G_IO_ERROR_NOT_FOUND if there is no such file, with %G_IO_ERROR_INVALID_DATA if it is no file of
 * keys or the keys do not belong to each other, with %G_IO_ERROR_NOT_SUPPORTED if libzmq was built
 * without CURVE, and with other errors of [type@Gio.IOErrorEnum] if it cannot be read.
 *
 * Returns: (transfer full): a new pair
 *
 * Since: 1.1
 */
PlantRpcKeypair *
plant_rpc_keypair_load (const char  *path,
                        GError     **error)
{
  g_auto (PlantRpcKeyText) keys = { "", "" };
  g_autofree char *shown = NULL;
  PlantRpcKeypair *self;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!plant_rpc_key_file_read_secret (path, &keys, error))
    return NULL;
  self = plant_rpc_keypair_new_from_keys (&keys, error);
  shown = plant_rpc_text_escape (path);
  if (self == NULL)
    g_prefix_error (error, "“%s”: ", shown);
  return self;
}

/**
 * plant_rpc_keypair_load_public_key:
 * @path: (type filename): a file with a public key, such as `camera.key`
 * @error: return location for an error
 *
 * Reads a public key from its file. [method@Keypair.save], pyzmq and czmq write such files.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND if there is no such file, with %G_IO_ERROR_INVALID_DATA if it is
 * no file of keys, and with other errors of [type@Gio.IOErrorEnum] if it cannot be read.
 *
 * Returns: (transfer full): the key, as [method@Keypair.get_public_key] writes it
 *
 * Since: 1.1
 */
char *
plant_rpc_keypair_load_public_key (const char  *path,
                                   GError     **error)
{
  g_auto (PlantRpcKeyText) keys = { "", "" };
  guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE];
  char *text;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!plant_rpc_key_file_read (path, &keys, error))
    return NULL;
  plant_rpc_public_key_parse (keys.public_key, bytes);
  text = g_malloc (PLANT_RPC_PUBLIC_KEY_LENGTH + 1);
  plant_rpc_public_key_print (bytes, text);
  return text;
}

/* ---- writing */

static PlantRpcKeyDraft *
draft_public (PlantRpcKeypair  *self,
              const char       *path,
              GError          **error)
{
  PlantRpcKeyText keys = { "", "" };

  g_strlcpy (keys.public_key, plant_rpc_keypair_get_keys (self)->public_key,
             sizeof keys.public_key);
  return plant_rpc_key_draft_new (path, &keys, error);
}

/**
 * plant_rpc_keypair_save:
 * @self: a pair of keys
 * @path: (type filename): the file for the secret key, such as `camera.key_secret`
 * @error: return location for an error
 *
 * Writes the pair to two files: @path, which has both keys and which only this user may read, and
 * beside it a file for others, which has the public key. That one has the same name without
 * `_secret`, with which @path has to end. If @path ends in `.key_secret`, pyzmq and czmq find both
 * files.
 *
 * A secret key is never overwritten: the function fails with %G_IO_ERROR_EXISTS if there is
 * something at @path. The file of the public key is replaced. Both files are complete or not there,
 * also after a crash.
 *
 * Fails with %G_IO_ERROR_INVALID_FILENAME if @path does not end in `_secret`, and with other errors
 * of [type@Gio.IOErrorEnum] if a file cannot be written. If only the public key cannot be written,
 * the secret key stays.
 *
 * Returns: whether both files were written
 *
 * Since: 1.1
 */
gboolean
plant_rpc_keypair_save (PlantRpcKeypair  *self,
                        const char       *path,
                        GError          **error)
{
  g_autofree char *public_path = NULL;
  g_autoptr (PlantRpcKeyDraft) secret_draft = NULL;
  g_autoptr (PlantRpcKeyDraft) public_draft = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  public_path = find_public_path (path, error);
  if (public_path == NULL)
    return FALSE;
  secret_draft = plant_rpc_key_draft_new (path, plant_rpc_keypair_get_keys (self), error);
  if (secret_draft == NULL)
    return FALSE;
  public_draft = draft_public (self, public_path, error);
  return public_draft != NULL && plant_rpc_key_draft_publish (secret_draft, error) &&
         plant_rpc_key_draft_replace (public_draft, error);
}

/* A crash between the two files, or somebody who removed one, leaves the secret key alone. The pair
 * is good without the other file, which may lie where this process cannot write. */
static void
restore_public (PlantRpcKeypair *self,
                const char      *path)
{
  g_autofree char *public_path = find_public_path (path, NULL);
  g_autofree char *there = plant_rpc_keypair_load_public_key (public_path, NULL);
  g_autoptr (PlantRpcKeyDraft) draft = NULL;
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (there, plant_rpc_keypair_get_public_key (self)) == 0)
    return;
  draft = draft_public (self, public_path, &error);
  if (draft == NULL || !plant_rpc_key_draft_replace (draft, &error))
    plant_rpc_debug ("%s", error->message);
}

static PlantRpcKeypair *
make_at (const char  *path,
         GError     **error)
{
  g_autoptr (PlantRpcKeypair) self = NULL;

  if (!make_folder (path, error))
    return NULL;
  self = plant_rpc_keypair_new (error);
  if (self == NULL || !plant_rpc_keypair_save (self, path, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * plant_rpc_keypair_ensure: (constructor)
 * @name: the name of the pair, such as `default`
 * @error: return location for an error
 *
 * Loads the pair that is kept under a name. If there is none, it is made and saved. If several
 * processes or threads do so at the same time, all get the same pair.
 *
 * [func@Keypair.find_path] tells where it is kept. Missing folders are made, for this user only. If
 * the file of the public key is missing, or has another key, it is written again.
 *
 * Fails with %G_IO_ERROR_INVALID_FILENAME if @name is no name, and with the errors of
 * [ctor@Keypair.load], except for %G_IO_ERROR_NOT_FOUND, and those of [method@Keypair.save].
 *
 * Returns: (transfer full): the pair
 *
 * Since: 1.1
 */
PlantRpcKeypair *
plant_rpc_keypair_ensure (const char  *name,
                          GError     **error)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) local_error = NULL;
  PlantRpcKeypair *self = NULL;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  path = plant_rpc_keypair_find_path (name, error);
  if (path == NULL)
    return NULL;
  for (guint i = 0; self == NULL && i < MAX_TRIES; i++)
    {
      g_clear_error (&local_error);
      self = plant_rpc_keypair_load (path, &local_error);
      if (self != NULL)
        {
          restore_public (self, path);
          return self;
        }
      if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        break;
      g_clear_error (&local_error);
      self = make_at (path, &local_error);
      /* Another process was faster, and its pair is the one to use. */
      if (self == NULL && !g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_EXISTS))
        break;
    }
  if (self == NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return self;
}
