/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-change-signals-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-property-private.h"

typedef void (*AddFunc) (GHashTable       *changes,
                         PlantRpcProperty *property,
                         const char       *wire_name);

static void
add_own (GHashTable       *changes,
         PlantRpcProperty *property,
         const char       *wire_name)
{
  const char *signal = plant_rpc_property_get_change_signal (property);

  if (signal != NULL)
    g_hash_table_replace (changes, g_strdup (signal), property);
}

/* The usual name may be that of the signal for another property. */
static void
add_usual (GHashTable       *changes,
           PlantRpcProperty *property,
           const char       *wire_name)
{
  g_autofree char *usual = NULL;

  if (plant_rpc_property_get_change_signal (property) != NULL)
    return;
  usual = plant_rpc_names_change_signal (wire_name);
  if (!g_hash_table_contains (changes, usual))
    g_hash_table_insert (changes, g_steal_pointer (&usual), property);
}

/* Properties that INFO does not have come last. */
static void
add_each (GHashTable            *changes,
          GHashTable            *properties,
          PlantRpcInterfaceInfo *info,
          AddFunc                add)
{
  GHashTableIter iter;
  gpointer name, property;

  for (guint i = 0; info != NULL && i < info->properties.list->len; i++)
    {
      name = ((PlantRpcPropertyInfo *) info->properties.list->pdata[i])->wire_name;
      property = g_hash_table_lookup (properties, name);
      if (property != NULL)
        add (changes, property, name);
    }
  g_hash_table_iter_init (&iter, properties);
  while (g_hash_table_iter_next (&iter, &name, &property))
    {
      if (info == NULL || plant_rpc_interface_info_find_property (info, name) == NULL)
        add (changes, property, name);
    }
}

GHashTable *
plant_rpc_change_signals_new (GHashTable            *properties,
                              PlantRpcInterfaceInfo *info)
{
  GHashTable *changes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  add_each (changes, properties, info, add_own);
  add_each (changes, properties, info, add_usual);
  return changes;
}
