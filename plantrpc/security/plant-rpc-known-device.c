/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-known-device-private.h"

#include <string.h>

#include "plant-rpc-public-key-private.h"

/* what stays as it is; a “#” at the beginning of a line would make it a remark */
#define NAME_CHARACTERS "!$&'()*+,;=:@/?[]"
#define URL_CHARACTERS  NAME_CHARACTERS "#"

void
plant_rpc_known_device_free (PlantRpcKnownDevice *self)
{
  g_free (self->name);
  g_free (self->url);
  g_free (self->key);
  g_free (self);
}

/* What a person wrote need not be written as in a URI. */
static char *
read_word (const char *word)
{
  char *text = g_uri_unescape_string (word, NULL);

  if (text != NULL && g_utf8_validate (text, -1, NULL))
    return text;
  g_free (text);
  return g_strdup (word);
}

static GStrv
split (const char *line)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = g_strsplit_set (line, " \t\r", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (*words[i] != '\0')
        g_strv_builder_add (builder, words[i]);
    }
  return g_strv_builder_end (builder);
}

/* A line without a key that can be understood still says that its device is known. */
PlantRpcKnownDevice *
plant_rpc_known_device_parse (const char *line)
{
  g_auto (GStrv) words = split (line);
  const guint n_words = g_strv_length (words);
  guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE];
  char key[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];
  g_autofree char *url = NULL;
  PlantRpcKnownDevice *self;

  if (n_words == 0 || *words[0] == '#' || !g_utf8_validate (words[0], -1, NULL))
    return NULL;
  self = g_new0 (PlantRpcKnownDevice, 1);
  self->name = read_word (words[0]);
  if (n_words < 3 || n_words > 4 || !g_utf8_validate (line, -1, NULL) ||
      !plant_rpc_public_key_parse (words[2], bytes))
    return self;
  plant_rpc_public_key_print (bytes, key);
  url = read_word (words[1]);
  self->key = g_strdup (key);
  self->url = g_strconcat (url, "#", key, NULL);
  return self;
}

char *
plant_rpc_known_device_print (const char *name,
                              const char *url,
                              const char *key)
{
  g_autofree char *written_name = g_uri_escape_string (name, NAME_CHARACTERS, TRUE);
  g_autofree char *written_url = g_uri_escape_string (url, URL_CHARACTERS, TRUE);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *day = g_date_time_format (now, "%Y-%m-%d");

  return g_strjoin (" ", written_name, written_url, key, day, NULL);
}

GPtrArray *
plant_rpc_known_device_parse_all (const char *text)
{
  GPtrArray *devices =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_known_device_free);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      PlantRpcKnownDevice *device = plant_rpc_known_device_parse (lines[i]);

      if (device != NULL)
        g_ptr_array_add (devices, device);
    }
  return devices;
}
