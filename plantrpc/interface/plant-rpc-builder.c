/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-builder-private.h"

#include <string.h>

#include "plant-rpc-names-private.h"
#include "plant-rpc-role-private.h"

/* METHOD replaces OLD. What it does not tell is that of OLD. Others have it already, so it is
 * replaced itself by a complete one. */
static gboolean
complete_method (PlantRpcMethodInfo **method,
                 PlantRpcMethodInfo  *old,
                 GError             **error)
{
  g_autoptr (PlantRpcMethodInfo) bare = NULL;
  const gboolean unsigned_one = (*method)->signature == NULL && old->signature != NULL;

  if (!unsigned_one && old->role == (*method)->role)
    return TRUE;
  bare = g_steal_pointer (method);
  *method = plant_rpc_method_info_new (bare->name, unsigned_one ? old->signature : bare->signature,
                                       bare->buffer, bare->timeout, error);
  if (*method == NULL)
    return FALSE;
  (*method)->role = bare->role != PLANT_RPC_DEFAULT_ROLE ? bare->role : old->role;
  return TRUE;
}

static void
put_in_place (PlantRpcInterfaceInfo *self,
              PlantRpcMethodInfo    *old,
              PlantRpcMethodInfo    *method)
{
  guint index = 0;

  if (!g_ptr_array_find (self->methods.list, old, &index))
    g_assert_not_reached ();
  g_hash_table_replace (self->methods.by_wire, method->name, method);
  plant_rpc_method_info_unref (old);
  self->methods.list->pdata[index] = method;
}

static void
set_method_role (PlantRpcInterfaceInfo *self,
                 PlantRpcMethodInfo    *method,
                 PlantRpcRole           role)
{
  PlantRpcMethodInfo *other = plant_rpc_method_info_new (method->name, method->signature,
                                                         method->buffer, method->timeout, NULL);

  other->role = role;
  put_in_place (self, method, other);
}

void
plant_rpc_builder_set_role (PlantRpcInterfaceInfo *self,
                            const char            *name,
                            PlantRpcRole           role)
{
  PlantRpcMethodInfo *method = plant_rpc_members_lookup (&self->methods, name, '_');
  PlantRpcPropertyInfo *property = plant_rpc_members_lookup (&self->properties, name, '-');

  if (method != NULL)
    set_method_role (self, method, role);
  if (property != NULL)
    property->role = role;
}

gboolean
plant_rpc_builder_replace_method (PlantRpcInterfaceInfo  *self,
                                  PlantRpcMethodInfo     *member,
                                  GError                **error)
{
  g_autoptr (PlantRpcMethodInfo) owned = member;
  PlantRpcMethodInfo *old = g_hash_table_lookup (self->methods.by_wire, member->name);

  if (old == NULL)
    return plant_rpc_members_take (&self->methods, g_steal_pointer (&owned), error);
  if (!complete_method (&owned, old, error))
    return FALSE;
  put_in_place (self, old, g_steal_pointer (&owned));
  return TRUE;
}

static void
tie (PlantRpcPropertyInfo *property,
     PlantRpcSignalInfo   *signal)
{
  g_free (property->change_signal);
  property->change_signal = g_strdup (signal->wire_name);
  g_free (signal->property);
  signal->property = g_strdup (property->name);
}

/* A signal may claim to tell the changes of a property, in either spelling. The claim is kept only
 * if there is such a property. */
static void
pair_told_signals (PlantRpcInterfaceInfo *self)
{
  for (guint i = 0; i < self->signals.list->len; i++)
    {
      PlantRpcSignalInfo *signal = g_ptr_array_index (self->signals.list, i);
      g_autofree char *told = g_steal_pointer (&signal->property);
      PlantRpcPropertyInfo *property = NULL;

      if (told != NULL)
        property = g_hash_table_lookup (self->properties.by_name, told);
      if (told != NULL && property == NULL)
        property = g_hash_table_lookup (self->properties.by_wire, told);
      if (property != NULL &&
          (property->change_signal == NULL ||
           g_str_equal (property->change_signal, signal->wire_name)))
        tie (property, signal);
    }
}

static PlantRpcSignalInfo *
find_change_signal (PlantRpcInterfaceInfo *self,
                    PlantRpcPropertyInfo  *property)
{
  const char *name = property->pspec != NULL ? property->pspec->name : property->name;
  g_autofree char *by_name = plant_rpc_names_changed (name);
  g_autofree char *by_wire = plant_rpc_names_change_signal (property->wire_name);
  PlantRpcSignalInfo *signal = NULL;

  if (property->change_signal != NULL)
    return g_hash_table_lookup (self->signals.by_wire, property->change_signal);
  if (property->pspec != NULL)
    signal = g_hash_table_lookup (self->signals.by_name, by_name);
  if (signal == NULL)
    signal = g_hash_table_lookup (self->signals.by_wire, by_wire);
  if (signal == NULL)
    signal = g_hash_table_lookup (self->signals.by_name, by_name);
  return signal;
}

/* Two properties may have names that fold into one. The signal belongs to the one whose name it has
 * on the wire. */
static void
pair_exact_names (PlantRpcInterfaceInfo *self)
{
  for (guint i = 0; i < self->properties.list->len; i++)
    {
      PlantRpcPropertyInfo *property = g_ptr_array_index (self->properties.list, i);
      g_autofree char *name = plant_rpc_names_own_change_signal (property->wire_name, 1);
      PlantRpcSignalInfo *signal = g_hash_table_lookup (self->signals.by_wire, name);

      if (signal != NULL && signal->property == NULL && property->change_signal == NULL &&
          property->pspec == NULL)
        tie (property, signal);
    }
}

void
plant_rpc_builder_pair (PlantRpcInterfaceInfo *self)
{
  pair_told_signals (self);
  pair_exact_names (self);
  for (guint i = 0; i < self->properties.list->len; i++)
    {
      PlantRpcPropertyInfo *property = g_ptr_array_index (self->properties.list, i);
      PlantRpcSignalInfo *signal = find_change_signal (self, property);

      if (signal != NULL && signal->property == NULL)
        tie (property, signal);
    }
}

void
plant_rpc_builder_complete_signatures (PlantRpcInterfaceInfo *self)
{
  for (guint i = 0; i < self->signals.list->len; i++)
    {
      PlantRpcSignalInfo *signal = g_ptr_array_index (self->signals.list, i);
      PlantRpcPropertyInfo *property =
        signal->property != NULL ? g_hash_table_lookup (self->properties.by_name, signal->property)
                                 : NULL;

      if (property == NULL || signal->signature != NULL ||
          (*property->type_string == '\0' && !property->untyped))
        continue;
      signal->signature =
        g_strdup_printf ("(%s)", property->untyped ? "v" : property->type_string);
      signal->untyped = property->untyped;
      signal->n_params = 1;
    }
}

/* Returns the name on the wire of the signal for the changes of a property. The usual name belongs
 * to the property whose name on the wire it has, or else to the first. TAKEN has the names that are
 * used. */
static char *
choose_change_signal (PlantRpcInterfaceInfo *self,
                      PlantRpcPropertyInfo  *property,
                      GHashTable            *taken)
{
  g_autofree char *usual = plant_rpc_names_change_signal (property->wire_name);
  g_autofree char *stem = plant_rpc_names_signal_to_wire (property->wire_name);
  gpointer owner = g_hash_table_lookup (self->properties.by_wire, stem);
  char *name;

  if ((owner == NULL || owner == property) && !g_hash_table_contains (taken, usual))
    return g_steal_pointer (&usual);
  name = plant_rpc_names_own_change_signal (property->wire_name, 1);
  for (guint i = 2; g_hash_table_contains (taken, name); i++)
    {
      g_free (name);
      name = plant_rpc_names_own_change_signal (property->wire_name, i);
    }
  return name;
}

void
plant_rpc_builder_assume_change_signals (PlantRpcInterfaceInfo *self)
{
  GPtrArray *properties = self->properties.list;
  GPtrArray *signals = self->signals.list;
  g_autoptr (GHashTable) taken = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < signals->len; i++)
    g_hash_table_add (taken, ((PlantRpcSignalInfo *) signals->pdata[i])->wire_name);
  for (guint i = 0; i < properties->len; i++)
    {
      PlantRpcPropertyInfo *property = g_ptr_array_index (properties, i);

      if (property->change_signal == NULL)
        property->change_signal = choose_change_signal (self, property, taken);
      g_hash_table_add (taken, property->change_signal);
    }
}

/* The signal of a change has a longer name than its property, so a property's name of nearly the
 * longest length leaves no room for it. */
static gboolean
has_room (const char *name,
          const char *wire_name)
{
  return strlen (name) <= PLANT_RPC_MAX_NAME_LENGTH &&
         strlen (wire_name) <= PLANT_RPC_MAX_NAME_LENGTH;
}

gboolean
plant_rpc_builder_add_change_signals (PlantRpcInterfaceInfo  *self,
                                      GError                **error)
{
  for (guint i = 0; i < self->properties.list->len; i++)
    {
      PlantRpcPropertyInfo *property = g_ptr_array_index (self->properties.list, i);
      g_autofree char *wire_name = choose_change_signal (self, property, self->signals.by_wire);
      g_autofree char *name = plant_rpc_names_changed (property->name);
      g_autofree char *signature = g_strdup_printf ("(%s)", property->type_string);
      PlantRpcSignalInfo *signal;

      if (property->change_signal != NULL || !property->readable || !has_room (name, wire_name))
        continue;
      signal = plant_rpc_signal_info_new (name, wire_name, signature);
      signal->implicit = TRUE;
      tie (property, signal);
      if (!plant_rpc_members_take (&self->signals, signal, error))
        return FALSE;
    }
  return TRUE;
}
