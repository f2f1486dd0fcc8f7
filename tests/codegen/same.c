/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What same.vala tells, of the skeleton in C. */

#include "same-generated.h"

static void
tell_interface (PlantRpcInterfaceInfo *info)
{
  g_autoptr (PlantRpcInterfaceInfo) owned = info;
  g_autofree char *json = NULL;

  g_assert_nonnull (info);
  json = plant_rpc_interface_info_to_json (info);
  g_print ("%s\n", json);
}

static void
tell_values (GObject *device)
{
  guint n_specs;
  g_autofree GParamSpec **specs =
    g_object_class_list_properties (G_OBJECT_GET_CLASS (device), &n_specs);

  for (guint i = 0; i < n_specs; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      g_autoptr (GVariant) variant = NULL;
      g_autofree char *text = NULL;

      if ((specs[i]->flags & G_PARAM_READABLE) == 0)
        continue;
      g_object_get_property (device, specs[i]->name, &value);
      variant = plant_rpc_value_to_variant (&value, NULL);
      text = variant != NULL ? g_variant_print (variant, FALSE) : g_strdup ("none");
      g_print ("%s %s\n", specs[i]->name, text);
    }
}

int
main (void)
{
  g_autoptr (LabSameSkeleton) device = lab_same_skeleton_new ();
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (G_OBJECT (device),
                                                            "tcp://127.0.0.1:*");

  lab_same_skeleton_offer (device, server, PLANT_RPC_METHOD_FLAGS_NONE);
  tell_interface (plant_rpc_server_dup_interface (server));
  tell_interface (plant_rpc_interface_info_new_for_type (LAB_TYPE_SAME, NULL));
  tell_values (G_OBJECT (device));
  return 0;
}
