/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client.h"
#include "plant-rpc-device.h"
#include "plant-rpc-discovery.h"
#include "plant-rpc-error.h"
#include "plant-rpc-invocation.h"
#include "plant-rpc-property.h"
#include "plant-rpc-registry-client.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-server.h"

/* Objects that are made as a GtkBuilder makes them: by the name of their type, with any properties
 * or none, and bound before they lead anywhere. */

static GObject *
make (const char *type_name,
      const char *property,
      GValue     *value)
{
  const GType type = g_type_from_name (type_name);

  g_assert_cmpuint (type, !=, G_TYPE_INVALID);
  if (property == NULL)
    return g_object_new_with_properties (type, 0, NULL, NULL);
  return g_object_new_with_properties (type, 1, &property, value);
}

static void
read_each (GObject *object)
{
  g_autofree GParamSpec **specs = NULL;
  guint n_specs;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n_specs);
  for (guint i = 0; i < n_specs; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      if ((specs[i]->flags & G_PARAM_READABLE) == 0)
        continue;
      g_value_init (&value, specs[i]->value_type);
      g_object_get_property (object, specs[i]->name, &value);
      if ((specs[i]->flags & (G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY)) == G_PARAM_WRITABLE)
        g_object_set_property (object, specs[i]->name, &value);
    }
}

static void
test_without_properties (void)
{
  static const char *const names[] = { "PlantRpcClient", "PlantRpcDevice", "PlantRpcDiscovery",
                                       "PlantRpcInvocation", "PlantRpcProperty",
                                       "PlantRpcRegistry", "PlantRpcRegistryClient",
                                       "PlantRpcServer" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GObject *object = make (names[i], NULL, NULL);

      read_each (object);
      while (g_main_context_iteration (NULL, FALSE))
        continue;
      g_assert_finalize_object (object);
    }
}

/* A limit of changes is set on a property that is of no client, and nothing else. */
static void
test_max_rate (void)
{
  g_auto (GValue) rate = G_VALUE_INIT;
  g_autoptr (GObject) object = NULL;
  PlantRpcProperty *property;

  g_value_init (&rate, G_TYPE_DOUBLE);
  g_value_set_double (&rate, 5);
  object = make ("PlantRpcProperty", "max-rate", &rate);
  property = PLANT_RPC_PROPERTY (object);
  g_assert_cmpfloat (plant_rpc_property_get_max_rate (property), ==, 5);
  g_assert_cmpstr (plant_rpc_property_get_name (property), ==, "");
  g_assert_cmpstr (plant_rpc_property_get_wire_name (property), ==, "");
  g_assert_null (plant_rpc_property_dup_value (property));
  g_assert_cmpint (plant_rpc_property_get_state (property), ==, PLANT_RPC_PROPERTY_STATE_UNSET);
  g_assert_false (plant_rpc_property_get_writable (property));
  g_assert_cmpfloat (plant_rpc_property_get_minimum (property), ==, -G_MAXDOUBLE);
  g_assert_null (plant_rpc_property_get_unit (property));
}

/* A discovery of a device asks the registry of this computer if no other one is named, and one of
 * nothing says so. */
static void
test_discovery (void)
{
  g_auto (GValue) name = G_VALUE_INIT;
  g_autoptr (GObject) device = NULL, nothing = NULL;

  g_value_init (&name, G_TYPE_STRING);
  g_value_set_static_string (&name, "camera");
  device = make ("PlantRpcDiscovery", "device", &name);
  g_assert_cmpstr (plant_rpc_discovery_get_registry_url (PLANT_RPC_DISCOVERY (device)), ==,
                   PLANT_RPC_REGISTRY_URL);
  nothing = make ("PlantRpcDiscovery", NULL, NULL);
  g_assert_true (g_error_matches (
      plant_rpc_discovery_get_last_error (PLANT_RPC_DISCOVERY (nothing)), PLANT_RPC_ERROR,
      PLANT_RPC_ERROR_INVALID_URL));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_type_ensure (PLANT_RPC_TYPE_CLIENT);
  g_type_ensure (PLANT_RPC_TYPE_DEVICE);
  g_type_ensure (PLANT_RPC_TYPE_DISCOVERY);
  g_type_ensure (PLANT_RPC_TYPE_INVOCATION);
  g_type_ensure (PLANT_RPC_TYPE_PROPERTY);
  g_type_ensure (PLANT_RPC_TYPE_REGISTRY);
  g_type_ensure (PLANT_RPC_TYPE_REGISTRY_CLIENT);
  g_type_ensure (PLANT_RPC_TYPE_SERVER);
  g_test_add_func ("/by-name/without-properties", test_without_properties);
  g_test_add_func ("/by-name/max-rate", test_max_rate);
  g_test_add_func ("/by-name/discovery", test_discovery);
  return g_test_run ();
}
