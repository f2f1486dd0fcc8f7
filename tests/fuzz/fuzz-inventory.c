/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "plant-rpc-client-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-runtime-type-private.h"
#include "plant-rpc-server-profile-private.h"

/* Makes a client of the type that discover() would make, and reads each of its properties. */
static void
try_client (PlantRpcInterfaceInfo *info)
{
  g_autoptr (GError) error = NULL;
  GType type = plant_rpc_client_type_for_interface (info, &error);
  g_autoptr (PlantRpcClient) client = NULL;
  GPtrArray *properties = info->properties.list;

  g_assert_true ((type != G_TYPE_INVALID) == (error == NULL));
  if (type == G_TYPE_INVALID)
    return;
  client = g_object_new (type, NULL);
  for (guint i = 0; i < properties->len; i++)
    {
      PlantRpcPropertyInfo *property = g_ptr_array_index (properties, i);
      g_auto (GValue) value = G_VALUE_INIT;

      g_value_init (&value, plant_rpc_runtime_type_of_property (property));
      g_object_get_property (G_OBJECT (client), property->name, &value);
    }
  plant_rpc_client_close (client);
}

static void
try_inventory (PlantRpcInventory *inventory,
               GVariant          *values)
{
  PlantRpcServerProfile *peer = plant_rpc_server_profile_new ();
  PlantRpcServerProfile *again;
  g_autoptr (GError) error = NULL;

  if (plant_rpc_server_profile_learn (peer, inventory, values, &error))
    {
      g_assert_no_error (error);
      try_client (plant_rpc_server_profile_get_interface (peer));
      /* An interface must match itself. */
      again = plant_rpc_server_profile_new ();
      plant_rpc_server_profile_set_template (again,
                                             plant_rpc_server_profile_get_interface (peer));
      plant_rpc_server_profile_learn (again, inventory, values, &error);
      g_assert_no_error (error);
      plant_rpc_server_profile_free (again);
    }
  else
    {
      g_assert_nonnull (error);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
  plant_rpc_server_profile_free (peer);
}

/* A name from the wire gives a name that GObject accepts, or an error. */
static void
try_name (const uint8_t *data,
          size_t         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *quoted = plant_rpc_names_quote (text);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = plant_rpc_names_from_wire (text, &error);

  g_assert_true (g_utf8_validate (quoted, -1, NULL));
  g_assert_true ((name != NULL) == (error == NULL));
  if (name != NULL)
    {
      g_assert_true (plant_rpc_names_is_valid (name));
      g_assert_true (g_signal_is_valid_name (name));
      g_assert_false (plant_rpc_names_is_reserved (name));
    }
}

/* The input is the reply to GET_INVENTORY, and in the next line an object with the property values.
 * Each new interface adds a GType, which is never freed, so long runs need memory. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  const uint8_t *line = memchr (data, '\n', size);
  gsize length = line != NULL ? (gsize) (line - data) : size;
  g_autoptr (GBytes) payload = g_bytes_new (data, length);
  g_auto (PlantRpcInventory) inventory = { 0 };
  g_autoptr (GVariant) values = NULL;
  g_autoptr (GError) error = NULL;

  try_name (data, length);
  if (line != NULL)
    values = plant_rpc_json_parse ((const char *) line + 1, size - length - 1, NULL);
  if (values == NULL || !g_variant_is_of_type (values, G_VARIANT_TYPE_VARDICT))
    {
      g_clear_pointer (&values, g_variant_unref);
      values = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
    }
  if (plant_rpc_inventory_unpack (&inventory, payload, &error))
    try_inventory (&inventory, values);
  else
    g_assert_nonnull (error);
  return 0;
}
