/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-enums.h"
#include "plant-rpc-inventory-reply-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-reply-private.h"

static GVariant *
list_methods (PlantRpcInterfaceInfo *interface,
              gboolean               buffer)
{
  GPtrArray *methods = plant_rpc_interface_info_get_methods (interface);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < methods->len; i++)
    {
      PlantRpcMethodInfo *method = g_ptr_array_index (methods, i);
      GVariant *timeout = method->timeout == PLANT_RPC_TIMEOUT_NONE
                              ? g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL)
                              : g_variant_new_int64 (method->timeout);

      if (method->buffer == buffer)
        g_variant_builder_add (&list, "{sv}", method->name, timeout);
      else
        g_variant_unref (g_variant_ref_sink (timeout));
    }
  return g_variant_ref_sink (g_variant_builder_end (&list));
}

static GVariant *
list_signals (PlantRpcInterfaceInfo *interface)
{
  GPtrArray *signals = plant_rpc_interface_info_get_signals (interface);
  GVariantBuilder names;

  g_variant_builder_init (&names, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < signals->len; i++)
    {
      PlantRpcSignalInfo *signal = g_ptr_array_index (signals, i);

      g_variant_builder_add (&names, "s", signal->wire_name);
    }
  return g_variant_ref_sink (g_variant_builder_end (&names));
}

static GVariant *
list_properties (PlantRpcInterfaceInfo *interface)
{
  GPtrArray *properties = plant_rpc_interface_info_get_properties (interface);
  GVariantBuilder names;

  g_variant_builder_init (&names, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < properties->len; i++)
    {
      PlantRpcPropertyInfo *property = g_ptr_array_index (properties, i);

      g_variant_builder_add (&names, "s", property->wire_name);
    }
  return g_variant_ref_sink (g_variant_builder_end (&names));
}

GBytes *
plant_rpc_inventory_reply_build (PlantRpcInterfaceInfo  *interface,
                                 const char             *name,
                                 const char             *instance,
                                 GError                **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  g_auto (PlantRpcInventory) inventory = {
    .json_methods = list_methods (interface, FALSE),
    .buffer_methods = list_methods (interface, TRUE),
    .signals = list_signals (interface),
    .properties = list_properties (interface),
    .name = g_strdup (name),
  };

  if (instance != NULL)
    {
      inventory.native_version = PLANT_RPC_NATIVE_VERSION;
      inventory.instance = g_strdup (instance);
      inventory.interface = plant_rpc_interface_info_to_variant (interface);
    }
  return plant_rpc_inventory_pack (&inventory, error);
}
