/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-runtime-enum-private.h"

#include <string.h>

#include "plant-rpc-value-private.h"

#define HASH_LENGTH 24

static GMutex registration_lock;

static gboolean
is_flags (PlantRpcPropertyInfo *info)
{
  return g_str_equal (info->type_string, "as");
}

/* Several nicks may have the same number, so every value is compared. */
static gboolean
has_same_choices (GType                 type,
                  PlantRpcPropertyInfo *info)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  guint n = g_strv_length (info->choices);
  int number;

  for (guint i = 0; i < n; i++)
    {
      const char *nick;
      guint j = 0;

      while ((nick = plant_rpc_value_get_choice (klass, j, &number)) != NULL &&
             !g_str_equal (nick, info->choices[i]))
        j++;
      if (nick == NULL || number != info->choice_values[i])
        return FALSE;
    }
  return n > 0 && plant_rpc_value_get_choice (klass, n - 1, &number) != NULL &&
         plant_rpc_value_get_choice (klass, n, &number) == NULL;
}

static GType
find_original (PlantRpcPropertyInfo *info)
{
  GType type = info->type_name != NULL ? g_type_from_name (info->type_name) : G_TYPE_INVALID;

  if (type == G_TYPE_INVALID || !(is_flags (info) ? G_TYPE_IS_FLAGS (type) : G_TYPE_IS_ENUM (type)))
    return G_TYPE_INVALID;
  if (G_TYPE_IS_ABSTRACT (type) || !has_same_choices (type, info))
    return G_TYPE_INVALID;
  return type;
}

static char *
make_name (PlantRpcPropertyInfo *info)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; info->choices[i] != NULL; i++)
    {
      const char *nick = info->choices[i];
      gint32 number = GINT32_TO_LE (info->choice_values[i]);

      g_checksum_update (checksum, (const guchar *) nick, strlen (nick) + 1);
      g_checksum_update (checksum, (const guchar *) &number, sizeof number);
    }
  return g_strdup_printf ("%s%.*s", is_flags (info) ? "PlantRpcFlags_" : "PlantRpcEnum_",
                          HASH_LENGTH, g_checksum_get_string (checksum));
}

/* GType keeps the table for ever. */
static GType
register_enum (const char           *name,
               PlantRpcPropertyInfo *info)
{
  guint n_values = g_strv_length (info->choices);
  GEnumValue *values = g_new0 (GEnumValue, n_values + 1);

  for (guint i = 0; i < n_values; i++)
    {
      values[i].value = info->choice_values[i];
      values[i].value_nick = values[i].value_name = g_strdup (info->choices[i]);
    }
  return g_enum_register_static (name, values);
}

static GType
register_flags (const char           *name,
                PlantRpcPropertyInfo *info)
{
  guint n_values = g_strv_length (info->choices);
  GFlagsValue *values = g_new0 (GFlagsValue, n_values + 1);

  for (guint i = 0; i < n_values; i++)
    {
      values[i].value = (guint) info->choice_values[i];
      values[i].value_nick = values[i].value_name = g_strdup (info->choices[i]);
    }
  return g_flags_register_static (name, values);
}

GType
plant_rpc_runtime_enum_get (PlantRpcPropertyInfo *info)
{
  GType type = find_original (info);
  g_autofree char *name = NULL;
  g_autoptr (GMutexLocker) locker = NULL;

  if (type != G_TYPE_INVALID)
    return type;

  name = make_name (info);
  locker = g_mutex_locker_new (&registration_lock);
  type = g_type_from_name (name);
  if (type != G_TYPE_INVALID)
    return type;
  return is_flags (info) ? register_flags (name, info) : register_enum (name, info);
}
