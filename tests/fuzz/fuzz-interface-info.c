/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-runtime-type-private.h"

static void
set_nothing (GObject      *object,
             guint         id,
             const GValue *value,
             GParamSpec   *pspec)
{
}

static void
get_default (GObject    *object,
             guint       id,
             GValue     *value,
             GParamSpec *pspec)
{
  g_param_value_set_default (pspec, value);
}

/* An interface makes a type whose instances have each property, and is the same again when it is
 * read from what it writes. */
static void
try_interface (PlantRpcInterfaceInfo *info)
{
  g_autofree char *json = plant_rpc_interface_info_to_json (info);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcInterfaceInfo) again = plant_rpc_interface_info_new_from_json (json, &error);
  GType type = plant_rpc_runtime_type_get (info, G_TYPE_INVALID, G_TYPE_OBJECT, NULL,
                                           set_nothing, get_default, NULL);
  g_autoptr (GObject) object = g_object_new (type, NULL);
  GPtrArray *properties = info->properties.list;

  g_assert_no_error (error);
  g_assert_true (plant_rpc_interface_info_equal (info, again));
  for (guint i = 0; i < properties->len; i++)
    {
      PlantRpcPropertyInfo *property = g_ptr_array_index (properties, i);
      g_auto (GValue) value = G_VALUE_INIT;

      g_value_init (&value, plant_rpc_runtime_type_of_property (property));
      g_object_get_property (object, property->name, &value);
    }
}

static GVariant *
take_member (GVariant   *form,
             const char *key,
             const char *otherwise)
{
  GVariant *member = g_variant_lookup_value (form, key, NULL);

  return member != NULL ? member : g_variant_parse (NULL, otherwise, NULL, NULL, NULL);
}

static void
try_inventory (GVariant *form)
{
  g_autoptr (GVariant) json_methods = take_member (form, "json_methods", "@a{sv} {}");
  g_autoptr (GVariant) buffer_methods = take_member (form, "buffer_methods", "@a{sv} {}");
  g_autoptr (GVariant) properties = take_member (form, "properties", "@av []");
  g_autoptr (GVariant) signals = take_member (form, "signals", "@av []");
  g_autoptr (GPtrArray) skipped = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PlantRpcInterfaceInfo) info =
    plant_rpc_interface_info_new_from_inventory (json_methods, buffer_methods, properties, signals,
                                                 form, skipped, NULL);

  if (info != NULL)
    try_interface (info);
}

/* Each new interface leaves a GType behind, which no process gets rid of: long runs need room. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GVariant) form = plant_rpc_json_parse ((const char *) data, size, NULL);
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  if (form == NULL)
    return 0;
  info = plant_rpc_interface_info_new_from_variant (form, &error);
  g_assert_true ((info != NULL) == (error == NULL));
  if (info != NULL)
    try_interface (info);
  if (g_variant_is_of_type (form, G_VARIANT_TYPE_VARDICT))
    try_inventory (form);
  return 0;
}
