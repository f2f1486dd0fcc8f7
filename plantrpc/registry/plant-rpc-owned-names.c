/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-owned-names-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-keypair.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-public-key-private.h"
#include "plant-rpc-table-file-private.h"
#include "plant-rpc-text-private.h"

#define SECRET_END ".key_secret"
#define FILE_END   ".names"

#define MAX_SIZE          (4 * 1024 * 1024) /* bytes of a file */
#define MAX_NAMES_OF_KEY  1000
#define MAX_BYTES_OF_KEY  (256 * 1024)

struct _PlantRpcOwnedNames {
  char        *path;   /* (owned) */
  GHashTable  *owners; /* (owned) (nullable) (element-type utf8 utf8): key by folded name; "" for a
                          key that cannot be understood; NULL until the file was read */
  struct stat  status; /* of the file when it was read; all zero if there was none */
};

/* ---- names */

/* Returns what all names that look like this one have in common. */
static char *
fold (const char *name)
{
  g_autofree char *compatible = g_utf8_normalize (name, -1, G_NORMALIZE_ALL_COMPOSE);
  g_autofree char *lower = g_utf8_casefold (compatible != NULL ? compatible : name, -1);
  g_autofree char *whole = g_utf8_normalize (lower, -1, G_NORMALIZE_ALL_COMPOSE);
  GString *folded = g_string_new (NULL);

  for (const char *at = whole != NULL ? whole : lower; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (!g_unichar_isspace (c) && g_unichar_type (c) != G_UNICODE_FORMAT &&
          !g_unichar_iszerowidth (c))
        g_string_append_unichar (folded, c);
    }
  return g_string_free (folded, FALSE);
}

/* ---- lines */

/* Sets NAME to the name of LINE, and KEY to its key, or to "" if that is none. Returns FALSE if the
 * line has no name. */
static gboolean
read_line (const char  *line,
           char        *key,
           char       **name)
{
  g_autofree char *copy = g_strstrip (g_strdup (line));
  g_auto (GStrv) words = g_strsplit_set (copy, " \t", 2);
  guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE];

  if (*copy == '\0' || *copy == '#' || !g_utf8_validate (copy, -1, NULL) || words[1] == NULL)
    return FALSE;
  *key = '\0';
  if (plant_rpc_public_key_parse (words[0], bytes))
    plant_rpc_public_key_print (bytes, key);
  *name = g_strdup (words[1]);
  return TRUE;
}

static GHashTable *
parse (const char *text)
{
  GHashTable *owners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char key[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];
      g_autofree char *name = NULL;
      g_autofree char *folded = NULL;
      const char *former;

      if (!read_line (lines[i], key, &name))
        continue;
      folded = fold (name);
      former = g_hash_table_lookup (owners, folded);
      /* Of two that claim a name, neither is believed. */
      if (former != NULL && !g_str_equal (former, key))
        *key = '\0';
      g_hash_table_replace (owners, g_steal_pointer (&folded), g_strdup (key));
    }
  return owners;
}

/* ---- the file */

char *
plant_rpc_owned_names_find_path (const char  *name,
                                 GError     **error)
{
  g_autofree char *secret = plant_rpc_keypair_find_path (name, error);

  if (secret == NULL)
    return NULL;
  secret[strlen (secret) - strlen (SECRET_END)] = '\0';
  return g_strconcat (secret, FILE_END, NULL);
}

PlantRpcOwnedNames *
plant_rpc_owned_names_new (const char *path)
{
  PlantRpcOwnedNames *self = g_new0 (PlantRpcOwnedNames, 1);

  self->path = g_strdup (path);
  return self;
}

void
plant_rpc_owned_names_free (PlantRpcOwnedNames *self)
{
  g_clear_pointer (&self->owners, g_hash_table_unref);
  g_free (self->path);
  g_free (self);
}

static gboolean
is_same_file (const struct stat *a,
              const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
         a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
         a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
         a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

gboolean
plant_rpc_owned_names_refresh (PlantRpcOwnedNames  *self,
                               GError             **error)
{
  g_autofree char *text = NULL;
  struct stat status;
  gsize length;

  if (stat (self->path, &status) != 0)
    memset (&status, 0, sizeof status);
  if (self->owners != NULL && is_same_file (&status, &self->status))
    return TRUE;
  g_clear_pointer (&self->owners, g_hash_table_unref);
  self->status = status;
  if (!plant_rpc_table_file_read (self->path, MAX_SIZE, &text, &length, error))
    return FALSE;
  if (text != NULL && memchr (text, '\0', length) != NULL)
    {
      g_autofree char *shown = plant_rpc_text_escape (self->path);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("“%s” is not UTF-8"), shown);
      return FALSE;
    }
  self->owners = parse (text != NULL ? text : "");
  return TRUE;
}

gboolean
plant_rpc_owned_names_is_taken (PlantRpcOwnedNames *self,
                                const char         *name,
                                const char         *key)
{
  g_autofree char *folded = fold (name);
  const char *owner = self->owners != NULL ? g_hash_table_lookup (self->owners, folded) : "";

  return owner != NULL && !g_str_equal (owner, key);
}

/* ---- changes */

typedef struct {
  const char *name;
  const char *key;    /* (nullable): of the new owner; NULL to release the name */
  char       *folded; /* (owned) */
  gboolean    found;
} Change;

static gboolean
fail_for_owner (const char  *name,
                GError     **error)
{
  g_autofree char *shown = plant_rpc_text_show (name);

  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_REFUSED,
                               "The name “%s” belongs to another key. At the registry, “plantrpc "
                               "keys release” lets another key have it", shown);
}

/* One key must not fill the file. */
static gboolean
check_share (const char  *text,
             const char  *key,
             GError     **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n_names = 0;
  gsize n_bytes = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (!g_str_has_prefix (lines[i], key))
        continue;
      n_names++;
      n_bytes += strlen (lines[i]) + 1;
    }
  if (n_names < MAX_NAMES_OF_KEY && n_bytes < MAX_BYTES_OF_KEY)
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                               "This key has too many names already. At the registry, “plantrpc "
                               "keys release” releases those that are not needed");
}

static GString *
add_claim (const char  *text,
           gpointer     user_data,
           GError     **error)
{
  Change *change = user_data;
  g_autoptr (GHashTable) owners = parse (text);
  const char *owner = g_hash_table_lookup (owners, change->folded);
  GString *changed;

  if (owner != NULL && !g_str_equal (owner, change->key))
    {
      fail_for_owner (change->name, error);
      return NULL;
    }
  if (owner == NULL && !check_share (text, change->key, error))
    return NULL;
  changed = g_string_new (text);
  if (owner != NULL)
    return changed;
  if (changed->len > 0 && changed->str[changed->len - 1] != '\n')
    g_string_append_c (changed, '\n');
  g_string_append_printf (changed, "%s %s\n", change->key, change->name);
  return changed;
}

gboolean
plant_rpc_owned_names_claim (PlantRpcOwnedNames  *self,
                             const char          *name,
                             const char          *key,
                             GError             **error)
{
  g_autofree char *folded = fold (name);
  Change change = { name, key, folded, FALSE };

  if (!plant_rpc_owned_names_refresh (self, error))
    return FALSE;
  if (plant_rpc_owned_names_is_taken (self, name, key))
    return fail_for_owner (name, error);
  if (g_hash_table_contains (self->owners, folded))
    return TRUE;
  return plant_rpc_table_file_edit (self->path, MAX_SIZE, 0600, add_claim, &change, error) &&
         plant_rpc_owned_names_refresh (self, error);
}

static gboolean
is_of_name (const char *line,
            gpointer    user_data)
{
  Change *change = user_data;
  char key[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];
  g_autofree char *name = NULL;
  g_autofree char *folded = read_line (line, key, &name) ? fold (name) : NULL;

  if (g_strcmp0 (folded, change->folded) != 0)
    return FALSE;
  change->found = TRUE;
  return TRUE;
}

static GString *
remove_claim (const char  *text,
              gpointer     user_data,
              GError     **error)
{
  GString *changed = g_string_new (NULL);

  plant_rpc_table_file_copy_lines (changed, text, is_of_name, user_data);
  return changed;
}

gboolean
plant_rpc_owned_names_release (const char  *path,
                               const char  *name,
                               GError     **error)
{
  g_autofree char *folded = fold (name);
  Change change = { name, NULL, folded, FALSE };

  if (!plant_rpc_table_file_edit (path, MAX_SIZE, 0600, remove_claim, &change, error))
    return FALSE;
  if (!change.found)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 /* Translators: the name of a device */
                 _("The name “%s” belongs to no key"), name);
  return change.found;
}
