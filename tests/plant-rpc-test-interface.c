/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-interface.h"
#include "plantrpc/tools/tool-json-layout.h"

PlantRpcInterfaceInfo *
test_read_type (GType type)
{
  g_autoptr (GError) error = NULL;
  PlantRpcInterfaceInfo *info = plant_rpc_interface_info_new_for_type (type, &error);

  g_assert_no_error (error);
  g_assert_nonnull (info);
  return info;
}

PlantRpcInterfaceInfo *
test_read_json (const char *json)
{
  g_autoptr (GError) error = NULL;
  PlantRpcInterfaceInfo *info = plant_rpc_interface_info_new_from_json (json, &error);

  g_assert_no_error (error);
  g_assert_nonnull (info);
  return info;
}

static void
assert_same_members (PlantRpcInterfaceInfo *a,
                     PlantRpcInterfaceInfo *b)
{
  g_auto (GStrv) methods_a = plant_rpc_interface_info_list_methods (a);
  g_auto (GStrv) methods_b = plant_rpc_interface_info_list_methods (b);
  g_auto (GStrv) properties_a = plant_rpc_interface_info_list_properties (a);
  g_auto (GStrv) properties_b = plant_rpc_interface_info_list_properties (b);
  g_auto (GStrv) signals_a = plant_rpc_interface_info_list_signals (a);
  g_auto (GStrv) signals_b = plant_rpc_interface_info_list_signals (b);

  g_assert_cmpstrv (methods_a, methods_b);
  g_assert_cmpstrv (properties_a, properties_b);
  g_assert_cmpstrv (signals_a, signals_b);
}

void
test_assert_round_trip (PlantRpcInterfaceInfo *info)
{
  g_autofree char *json = plant_rpc_interface_info_to_json (info);
  g_autoptr (PlantRpcInterfaceInfo) again = test_read_json (json);
  g_autofree char *json_again = plant_rpc_interface_info_to_json (again);
  g_autofree char *laid_out = tool_json_lay_out (json);
  g_autoptr (PlantRpcInterfaceInfo) edited = test_read_json (laid_out);
  g_autoptr (GVariant) form = g_variant_ref (plant_rpc_interface_info_get_form (info));
  g_autoptr (PlantRpcInterfaceInfo) native = plant_rpc_interface_info_new_from_variant (form, NULL);

  g_assert_cmpstr (json_again, ==, json);
  g_assert_true (plant_rpc_interface_info_equal (info, again));
  g_assert_true (plant_rpc_interface_info_equal (info, edited));
  g_assert_nonnull (native);
  g_assert_true (plant_rpc_interface_info_equal (info, native));
  assert_same_members (info, again);
  assert_same_members (info, native);
  g_assert_cmpstr (plant_rpc_interface_info_get_hash (again), ==,
                   plant_rpc_interface_info_get_hash (native));
}

GType
test_make_subclass (const char *name,
                    GType       parent)
{
  GTypeQuery query;

  g_type_query (parent, &query);
  return g_type_register_static_simple (parent, name, query.class_size, NULL, query.instance_size,
                                        NULL, 0);
}
