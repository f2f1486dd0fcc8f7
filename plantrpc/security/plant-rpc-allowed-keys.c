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

#define INVITED "invited"

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

/* WORDS are those behind the word “invited”. */
static gboolean
read_invitation (PlantRpcAllowedKey *allowed,
                 const char         *words)
{
  g_auto (GStrv) parts = g_strsplit (words, " ", 3);
  g_autoptr (GDateTime) end = NULL;
  guint64 lifetime;

  if (g_strv_length (parts) != 3 || !plant_rpc_role_parse (parts[0], &allowed->granted) ||
      allowed->granted == PLANT_RPC_ROLE_NONE ||
      !g_ascii_string_to_unsigned (parts[1], 10, 1, G_MAXINT32, &lifetime, NULL))
    return FALSE;
  end = g_date_time_new_from_iso8601 (parts[2], NULL);
  if (end == NULL)
    return FALSE;
  allowed->lifetime = (guint) lifetime;
  allowed->end = g_date_time_to_unix (end);
  return TRUE;
}

/* Returns what is wrong, or NULL. WORDS are those behind the key. */
static const char *
read_rights (PlantRpcAllowedKey  *allowed,
             char               **words)
{
  if (words[0] != NULL && g_str_equal (words[0], INVITED))
    return words[1] != NULL && read_invitation (allowed, words[1])
               ? NULL : _("behind “invited” there are not a role, seconds and a time in UTC");
  if (words[0] == NULL || !plant_rpc_role_parse (words[0], &allowed->role) ||
      allowed->role == PLANT_RPC_ROLE_NONE)
    return _("behind the key there is no role: viewer, operator or administrator");
  allowed->label = g_strdup (words[1]);
  return NULL;
}

/* Returns what is wrong, or NULL. */
static const char *
read_line (GHashTable *keys,
           char       *line)
{
  g_auto (GStrv) words = NULL;
  char key[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];
  PlantRpcAllowedKey allowed = { PLANT_RPC_ROLE_NONE };
  const char *problem;

  tidy (line);
  if (*line == '\0' || *line == '#')
    return NULL;
  if (!plant_rpc_allowed_keys_check_label (line, NULL))
    return _("it is not UTF-8, or has control characters");
  words = g_strsplit (line, " ", 3);
  if (!read_key (words[0], key))
    return _("it does not begin with a public key");
  problem = read_rights (&allowed, words + 1);
  if (problem == NULL)
    g_hash_table_replace (keys, g_strdup (key), g_memdup2 (&allowed, sizeof allowed));
  return problem;
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

void
plant_rpc_allowed_key_keep (PlantRpcAllowedKey       *allowed,
                            const PlantRpcAllowedKey *former)
{
  if (former == NULL || former->role == PLANT_RPC_ROLE_NONE)
    return;
  allowed->role = MAX (allowed->role, former->role);
  if (former->label == NULL)
    return;
  g_free (allowed->label);
  allowed->label = g_strdup (former->label);
}

/* The lines of KEY are removed, and ALLOWED (nullable) gets one. If there is an INVITATION
 * (nullable), it must be in the file, and its line is removed, too. */
typedef struct {
  const char         *key;
  PlantRpcAllowedKey *allowed;
  const char         *invitation;
} Change;

static gboolean
is_changed (const char *line,
            gpointer    user_data)
{
  const Change *change = user_data;
  g_autofree char *word = tidy (g_strdup (line));
  char canonical[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];

  word[strcspn (word, " ")] = '\0';
  return read_key (word, canonical) && (g_str_equal (canonical, change->key) ||
                                        g_strcmp0 (canonical, change->invitation) == 0);
}

static void
append_line (GString                  *text,
             const char               *key,
             const PlantRpcAllowedKey *allowed)
{
  g_autoptr (GDateTime) end = NULL;
  g_autofree char *shown = NULL;

  if (allowed->lifetime == 0)
    {
      g_string_append_printf (text, "%s %s%s%s\n", key, plant_rpc_role_get_nick (allowed->role),
                              allowed->label != NULL ? " " : "",
                              allowed->label != NULL ? allowed->label : "");
      return;
    }
  end = g_date_time_new_from_unix_utc (allowed->end);
  shown = g_date_time_format_iso8601 (end);
  g_string_append_printf (text, "%s " INVITED " %s %u %s\n", key,
                          plant_rpc_role_get_nick (allowed->granted), allowed->lifetime, shown);
}

static gboolean
take_invitation (const Change  *change,
                 const char    *text,
                 GError       **error)
{
  g_autoptr (GHashTable) keys = plant_rpc_allowed_keys_parse (text, strlen (text), NULL);
  const PlantRpcAllowedKey *invitation = g_hash_table_lookup (keys, change->invitation);

  if (invitation == NULL || invitation->lifetime == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           "The invitation is not in the file any more");
      return FALSE;
    }
  change->allowed->role = invitation->granted;
  plant_rpc_allowed_key_keep (change->allowed, g_hash_table_lookup (keys, change->key));
  return TRUE;
}

static GString *
change_text (const char  *text,
             gpointer     user_data,
             GError     **error)
{
  Change *change = user_data;
  GString *changed;

  if (change->invitation != NULL && !take_invitation (change, text, error))
    return NULL;
  changed = g_string_new (NULL);
  plant_rpc_table_file_copy_lines (changed, text, is_changed, change);
  if (change->allowed != NULL)
    append_line (changed, change->key, change->allowed);
  return changed;
}

gboolean
plant_rpc_allowed_keys_edit (const char                *path,
                             const char                *key,
                             const PlantRpcAllowedKey  *allowed,
                             GError                   **error)
{
  Change change = { .key = key, .allowed = (PlantRpcAllowedKey *) allowed };

  return plant_rpc_table_file_edit (path, PLANT_RPC_ALLOWED_KEYS_MAX_SIZE, 0644, change_text,
                                    &change, error);
}

gboolean
plant_rpc_allowed_keys_redeem (const char          *path,
                               const char          *invitation,
                               const char          *key,
                               PlantRpcAllowedKey  *allowed,
                               GError             **error)
{
  Change change = { key, allowed, invitation };

  return plant_rpc_table_file_edit (path, PLANT_RPC_ALLOWED_KEYS_MAX_SIZE, 0644, change_text,
                                    &change, error);
}
