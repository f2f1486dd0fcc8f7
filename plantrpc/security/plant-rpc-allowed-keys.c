/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-allowed-keys-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plant-rpc-key-file-private.h"
#include "plant-rpc-keypair.h"
#include "plant-rpc-public-key-private.h"
#include "plant-rpc-role-private.h"
#include "plant-rpc-text.h"

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

/* Whoever can write the file decides who may connect. */
static gboolean
check_status (const char  *path,
              int          fd,
              GError     **error)
{
  g_autofree char *shown = plant_rpc_text_escape (path);
  struct stat status;

  if (fstat (fd, &status) != 0)
    return plant_rpc_key_file_fail_to_read (error, path, errno);
  if (!S_ISREG (status.st_mode) || status.st_size > PLANT_RPC_ALLOWED_KEYS_MAX_SIZE)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 _("Cannot read “%s”: it is no regular file, or too large"), shown);
  else if ((status.st_uid != geteuid () && status.st_uid != 0) ||
           (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 _("Others may write “%s”, so the keys in it are not allowed"), shown);
  else
    return TRUE;
  return FALSE;
}

/* Sets TEXT to NULL if there is no such file. */
static gboolean
read_file (const char  *path,
           char       **text,
           gsize       *length,
           GError     **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  g_autofree char *bytes = NULL;
  gssize n = 1;

  *text = NULL;
  *length = 0;
  if (fd < 0 && errno == ENOENT)
    return TRUE;
  if (fd < 0)
    return plant_rpc_key_file_fail_to_read (error, path, errno);
  if (!check_status (path, fd, error))
    {
      close (fd);
      return FALSE;
    }
  bytes = g_malloc (PLANT_RPC_ALLOWED_KEYS_MAX_SIZE);
  while (n != 0 && *length < PLANT_RPC_ALLOWED_KEYS_MAX_SIZE)
    {
      n = read (fd, bytes + *length, PLANT_RPC_ALLOWED_KEYS_MAX_SIZE - *length);
      if (n < 0 && errno != EINTR)
        break;
      *length += n > 0 ? (gsize) n : 0;
    }
  close (fd);
  if (n < 0)
    return plant_rpc_key_file_fail_to_read (error, path, errno);
  *text = g_strndup ("", *length);
  memcpy (*text, bytes, *length);
  return TRUE;
}

GHashTable *
plant_rpc_allowed_keys_load (const char  *path,
                             GPtrArray   *problems,
                             GError     **error)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!read_file (path, &text, &length, error))
    return NULL;
  return plant_rpc_allowed_keys_parse (text != NULL ? text : "", length, problems);
}

/* ---- changes */

static gboolean
is_of_key (const char *line,
           const char *key)
{
  g_autofree char *word = tidy (g_strdup (line));
  char canonical[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];

  word[strcspn (word, " ")] = '\0';
  return read_key (word, canonical) && g_str_equal (canonical, key);
}

static GString *
change_text (const char               *text,
             const char               *key,
             const PlantRpcAllowedKey *allowed)
{
  GString *changed = g_string_new (NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (*lines[i] != '\0' && !is_of_key (lines[i], key))
        g_string_append_printf (changed, "%s\n", lines[i]);
    }
  if (allowed != NULL)
    g_string_append_printf (changed, "%s %s%s%s\n", key, plant_rpc_role_get_nick (allowed->role),
                            allowed->label != NULL ? " " : "",
                            allowed->label != NULL ? allowed->label : "");
  return changed;
}

static gboolean
change_file (const char                *path,
             const char                *key,
             const PlantRpcAllowedKey  *allowed,
             GError                   **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GString) changed = NULL;
  g_autoptr (GError) local_error = NULL;
  gsize length;

  if (!read_file (path, &text, &length, error))
    return FALSE;
  if (text != NULL && memchr (text, '\0', length) != NULL)
    {
      g_autofree char *shown = plant_rpc_text_escape (path);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _("“%s” is not UTF-8, so it is not changed"), shown);
      return FALSE;
    }
  changed = change_text (text != NULL ? text : "", key, allowed);
  if (g_file_set_contents_full (path, changed->str, (gssize) changed->len,
                                G_FILE_SET_CONTENTS_CONSISTENT, 0644, &local_error))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", local_error->message);
  return FALSE;
}

/* A symbolic link stays one. */
static char *
find_target (const char *path)
{
  char *target = realpath (path, NULL);
  char *copy = g_strdup (target != NULL ? target : path);

  free (target);
  return copy;
}

gboolean
plant_rpc_allowed_keys_edit (const char                *path,
                             const char                *key,
                             const PlantRpcAllowedKey  *allowed,
                             GError                   **error)
{
  g_autofree char *target = find_target (path);
  g_autofree char *folder = g_path_get_dirname (target);
  gboolean changed;
  int fd;

  g_mkdir_with_parents (folder, 0700);
  fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return plant_rpc_key_file_fail_to_read (error, folder, errno);
  /* Two commands at the same time must not undo each other. The lock ends with the descriptor. */
  while (flock (fd, LOCK_EX) != 0 && errno == EINTR)
    continue;
  changed = change_file (target, key, allowed, error);
  close (fd);
  return changed;
}
