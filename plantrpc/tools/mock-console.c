/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mock-console.h"

#include <glib/gi18n-lib.h>

#include "mock.h"
#include "tool-console.h"
#include "tool-value.h"

typedef struct {
  PlantRpcInterfaceInfo *info;   /* (owned) */
  GObject               *object; /* (owned) */
  MockStore             *store;  /* (unowned) (nullable) */
} Console;

static void
console_free (gpointer data)
{
  Console *self = data;

  plant_rpc_interface_info_unref (self->info);
  g_object_unref (self->object);
  g_free (self);
}

static gboolean
set (Console     *self,
     const char  *name,
     const char  *text,
     GError     **error)
{
  PlantRpcPropertyInfo *property = plant_rpc_interface_info_lookup_property (self->info, name);
  g_autoptr (GVariant) value = NULL;

  if (property == NULL)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY,
                   _("there is no property “%s”"), name);
      return FALSE;
    }
  value = tool_value_parse_for (property, text, error);
  if (value == NULL ||
      !mock_set_property (self->object, plant_rpc_property_info_get_name (property), value, error))
    return FALSE;
  if (self->store != NULL)
    mock_store_note (self->store, plant_rpc_property_info_get_wire_name (property), value);
  return TRUE;
}

static gboolean
emit (Console     *self,
      const char  *name,
      char       **texts,
      GError     **error)
{
  PlantRpcSignalInfo *signal = plant_rpc_interface_info_lookup_signal (self->info, name);
  g_autoptr (GVariantBuilder) args = g_variant_builder_new (G_VARIANT_TYPE ("av"));
  const GVariantType *type = NULL;
  const char *signature;

  if (signal == NULL)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                   _("there is no signal “%s”"), name);
      return FALSE;
    }
  /* The types may be unknown, and too many arguments are for the library to refuse. */
  signature = plant_rpc_signal_info_get_signature (signal);
  if (signature != NULL)
    type = g_variant_type_first (G_VARIANT_TYPE (signature));
  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_autofree char *text = type != NULL ? g_variant_type_dup_string (type) : NULL;
      g_autoptr (GVariant) value = tool_value_parse (texts[i], text, error);

      if (value == NULL)
        return FALSE;
      g_variant_builder_add (args, "v", value);
      type = type != NULL ? g_variant_type_next (type) : NULL;
    }
  return mock_emit (self->object, signal, g_variant_builder_end (args), error);
}

static gboolean
obey (char     **words,
      gpointer   user_data,
      GError   **error)
{
  Console *self = user_data;
  guint n = g_strv_length (words);
  g_autofree char *line = NULL;

  if (g_str_equal (words[0], "set") && n == 3)
    return set (self, words[1], words[2], error);
  if (g_str_equal (words[0], "emit") && n >= 2)
    return emit (self, words[1], words + 2, error);
  line = g_strjoinv (" ", words);
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
               _("expected “set PROPERTY VALUE” or “emit SIGNAL ARGUMENT…”, got “%s”"), line);
  return FALSE;
}

void
mock_console_open (Tool                  *tool,
                   PlantRpcInterfaceInfo *info,
                   GObject               *object,
                   MockStore             *store)
{
  Console *self = g_new0 (Console, 1);

  self->info = plant_rpc_interface_info_ref (info);
  self->object = g_object_ref (object);
  self->store = store;
  tool_console_open (tool, obey, self, console_free);
}
