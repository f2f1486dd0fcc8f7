/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-allowed-keys-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-keypair.h"
#include "plant-rpc-public-key-private.h"
#include "plant-rpc-role-private.h"
#include "plant-rpc-table-file-private.h"

#define SECRET_END ".key_secret"
#define FILE_END   ".allowed"

static void
allowed_key_free (gpointer data)
{
  PlantRpcAllowedKey *self = data;

  g_free (self->label);
  g_free (self);
}

GHashTable *
plant_rpc_allowed_keys_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, allowed_key_free);
}

gboolean
plant_rpc_allowed_keys_check_label (const char  *label,
                                    GError     **error)
{
  gboolean good = g_utf8_validate (label, -1, NULL);

  for (const char *at = label; good && *at != '\0'; at = g_utf8_next_char (at))
    good = !g_unichar_iscntrl (g_utf8_get_char (at));
  if (!good)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                         _("A label is one line of UTF-8, without control characters"));
  return good;
}

/* ---- lines */

/* CANONICAL has room for PLANT_RPC_PUBLIC_KEY_LENGTH characters and a NUL. */
static gboolean
read_key (const char *word,
          char       *canonical)
{
  guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE];

  if (!plant_rpc_public_key_parse (word, bytes))
    return FALSE;
  plant_rpc_public_key_print (bytes, canonical);
  return TRUE;
}

/* Whoever reads a line and whoever removes it see the same key at its beginning. */
static char *
tidy (char *line)
{
  return g_strstrip (g_strdelimit (line, "\t\r", ' '));
}

/* Returns what is wrong, or NULL. */
static const char *
read_line (GHashTable *keys,
           char       *line)
{
  g_auto (GStrv) words = NULL;
  char key[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];
  PlantRpcAllowedKey *allowed;
  PlantRpcRole role;

  tidy (line);
  if (*line == '\0' || *line == '#')
    return NULL;
  if (!plant_rpc_allowed_keys_check_label (line, NULL))
    return _("it is not UTF-8, or has control characters");
  words = g_strsplit (line, " ", 3);
  if (!read_key (words[0], key))
    return _("it does not begin with a public key");
  if (words[1] == NULL || !plant_rpc_role_parse (words[1], &role) || role == PLANT_RPC_ROLE_NONE)
    return _("behind the key there is no role: viewer, operator or administrator");
  allowed = g_new (PlantRpcAllowedKey, 1);
  *allowed = (PlantRpcAllowedKey) { role, words[2] != NULL ? g_strdup (words[2]) : NULL };
  g_hash_table_replace (keys, g_strdup (key), allowed);
  return NULL;
}

GHashTable *
plant_rpc_allowed_keys_parse (const char *text,
                              gsize       length,
                              GPtrArray  *problems)
{
  GHashTable *keys = plant_rpc_allowed_keys_new ();
  const char *end = text + length;

  for (guint number = 1; text < end; number++)
    {
      const char *stop = memchr (text, '\n', (gsize) (end - text));
      g_autofree char *line = NULL;
      const char *problem;

      if (stop == NULL)
        stop = end;
      line = g_strndup (text, (gsize) (stop - text));
      problem = memchr (text, '\0', (gsize) (stop - text)) != NULL
                    ? _("it is not UTF-8, or has control characters") : read_line (keys, line);
      if (problem != NULL && problems != NULL)
        /* Translators: the number of a line of a file, and what is wrong with it */
        g_ptr_array_add (problems, g_strdup_printf (_("line %u: %s"), number, problem));
      text = stop + 1;
    }
  return keys;
}

/* ---- files */

char *
plant_rpc_allowed_keys_find_path (const char  *name,
                                  GError     **error)
{
  g_autofree char *secret = plant_rpc_keypair_find_path (name, error);

  if (secret == NULL)
    return NULL;
  secret[strlen (secret) - strlen (SECRET_END)] = '\0';
  return g_strconcat (secret, FILE_END, NULL);
}

GHashTable *
plant_rpc_allowed_keys_load (const char  *path,
                             GPtrArray   *problems,
                             GError     **error)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!plant_rpc_table_file_read (path, PLANT_RPC_ALLOWED_KEYS_MAX_SIZE, &text, &length, error))
    return NULL;
  return plant_rpc_allowed_keys_parse (text != NULL ? text : "", length, problems);
}

/* ---- changes */

typedef struct {
  const char               *key;
  const PlantRpcAllowedKey *allowed; /* (nullable) */
} Change;

static gboolean
is_of_key (const char *line,
           gpointer    change)
{
  g_autofree char *word = tidy (g_strdup (line));
  char canonical[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];

  word[strcspn (word, " ")] = '\0';
  return read_key (word, canonical) && g_str_equal (canonical, ((Change *) change)->key);
}

static GString *
change_text (const char  *text,
             gpointer     user_data,
             GError     **error)
{
  Change *change = user_data;
  const PlantRpcAllowedKey *allowed = change->allowed;
  GString *changed = g_string_new (NULL);

  plant_rpc_table_file_copy_lines (changed, text, is_of_key, change);
  if (allowed != NULL)
    g_string_append_printf (changed, "%s %s%s%s\n", change->key,
                            plant_rpc_role_get_nick (allowed->role),
                            allowed->label != NULL ? " " : "",
                            allowed->label != NULL ? allowed->label : "");
  return changed;
}

gboolean
plant_rpc_allowed_keys_edit (const char                *path,
                             const char                *key,
                             const PlantRpcAllowedKey  *allowed,
                             GError                   **error)
{
  Change change = { key, allowed };

  return plant_rpc_table_file_edit (path, PLANT_RPC_ALLOWED_KEYS_MAX_SIZE, 0644, change_text,
                                    &change, error);
}
