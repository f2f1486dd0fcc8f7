/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mock-store.h"

#include "mock.h"
#include "tool-failure.h"
#include "tool-json-layout.h"
#include "tool-json.h"

struct _MockStore {
  Tool       *tool;
  char       *path;   /* (owned) */
  GHashTable *values; /* (owned) (element-type utf8 GVariant): by wire name */
  guint       save;   /* a source: changes that come together are saved once */
};

MockStore *
mock_store_new (Tool       *tool,
                const char *path)
{
  MockStore *self = g_new0 (MockStore, 1);

  self->tool = tool;
  self->path = g_strdup (path);
  self->values =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
  return self;
}

static void
save (MockStore *self)
{
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (self->values),
                                        (GCompareFunc) g_strcmp0);
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;
  g_autofree char *text = NULL;
  g_autofree char *lines = NULL;

  for (GList *l = names; l != NULL; l = l->next)
    g_variant_builder_add (builder, "{sv}", l->data, g_hash_table_lookup (self->values, l->data));
  json = tool_json_print (g_variant_builder_end (builder));
  text = tool_json_lay_out (json);
  lines = g_strconcat (text, "\n", NULL);
  if (!g_file_set_contents (self->path, lines, -1, &error))
    tool_warn (self->tool, "%s", error->message);
}

static gboolean
on_idle (gpointer user_data)
{
  MockStore *self = user_data;

  self->save = 0;
  save (self);
  return G_SOURCE_REMOVE;
}

void
mock_store_note (MockStore  *self,
                 const char *wire_name,
                 GVariant   *value)
{
  g_hash_table_replace (self->values, g_strdup (wire_name), g_variant_ref_sink (value));
  if (self->save == 0)
    self->save = g_idle_add (on_idle, self);
}

static gboolean
load_value (MockStore              *self,
            PlantRpcInterfaceInfo  *info,
            GObject                *object,
            const char             *name,
            GVariant               *value,
            GError                **error)
{
  PlantRpcPropertyInfo *property = plant_rpc_interface_info_lookup_property (info, name);

  /* What the interface had once stays in the file. */
  g_hash_table_replace (self->values, g_strdup (name), g_variant_ref (value));
  if (property == NULL ||
      mock_set_property (object, plant_rpc_property_info_get_name (property), value, error))
    return TRUE;
  g_prefix_error (error, "%s: %s: ", self->path, name);
  return FALSE;
}

/* Gives the mock the values of the file, if there is one. */
gboolean
mock_store_load (MockStore              *self,
                 PlantRpcInterfaceInfo  *info,
                 GObject                *object,
                 GError                **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GVariant) values = NULL;
  GVariantIter iter;
  const char *name;
  GVariant *next;

  if (!g_file_test (self->path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!g_file_get_contents (self->path, &text, NULL, error))
    return FALSE;
  values = tool_json_parse (text, error);
  if (values == NULL || !g_variant_is_of_type (values, G_VARIANT_TYPE_VARDICT))
    {
      if (values != NULL)
        g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE, "no JSON object");
      g_prefix_error (error, "%s: ", self->path);
      return FALSE;
    }
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &next))
    {
      g_autoptr (GVariant) value = next;

      if (!load_value (self, info, object, name, value, error))
        return FALSE;
    }
  return TRUE;
}

void
mock_store_free (MockStore *self)
{
  if (self->save != 0)
    {
      g_source_remove (self->save);
      save (self);
    }
  g_hash_table_unref (self->values);
  g_free (self->path);
  g_free (self);
}
