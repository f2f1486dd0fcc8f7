/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-runtime-type-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-param-spec-private.h"
#include "plant-rpc-signature-private.h"
#include "plant-rpc-untyped-private.h"
#include "plant-rpc-value-private.h"

#define HASH_LENGTH 24

/* the cost of a type in addition to that of its members, in members */
#define TYPE_COST 10

/* What the class is made from when it is first used. It lives as long as its GType. */
typedef struct {
  PlantRpcInterfaceInfo  *info; /* (owned) */
  GObjectSetPropertyFunc  set;
  GObjectGetPropertyFunc  get;
} Blueprint;

static GMutex types_lock;
static GHashTable *types; /* (owned) (element-type utf8 GType) (mutex types_lock): by make_key() */
/* the cost of all types that were made for peers, in members */
static guint total_cost; /* (mutex types_lock) */
static GHashTable *peer_costs; /* (owned) (element-type utf8 guint) (mutex types_lock): cost by the
                                  address of the peer */

static G_DEFINE_QUARK (plant-rpc-runtime-blueprint, blueprint)

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&types_lock, PLANT_RPC_LOCK_INNER);
}

/* ---- enumerations and flags */

static gboolean
is_flags (PlantRpcPropertyInfo *info)
{
  return g_str_equal (info->type_string, "as");
}

/* Several nicks may have the same number, so every value is compared. */
static gboolean
has_same_choices (GType                 type,
                  PlantRpcPropertyInfo *info)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  guint n = g_strv_length (info->choices);
  int number;

  for (guint i = 0; i < n; i++)
    {
      const char *nick;
      guint j = 0;

      while ((nick = plant_rpc_value_get_choice (klass, j, &number)) != NULL &&
             !g_str_equal (nick, info->choices[i]))
        j++;
      if (nick == NULL || number != info->choice_values[i])
        return FALSE;
    }
  return n > 0 && plant_rpc_value_get_choice (klass, n - 1, &number) != NULL &&
         plant_rpc_value_get_choice (klass, n, &number) == NULL;
}

static GType
find_original (PlantRpcPropertyInfo *info)
{
  GType type = info->type_name != NULL ? g_type_from_name (info->type_name) : G_TYPE_INVALID;

  if (type == G_TYPE_INVALID || !(is_flags (info) ? G_TYPE_IS_FLAGS (type) : G_TYPE_IS_ENUM (type)))
    return G_TYPE_INVALID;
  if (G_TYPE_IS_ABSTRACT (type) || !has_same_choices (type, info))
    return G_TYPE_INVALID;
  return type;
}

static char *
make_enum_name (PlantRpcPropertyInfo *info)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; info->choices[i] != NULL; i++)
    {
      const char *nick = info->choices[i];
      gint32 number = GINT32_TO_LE (info->choice_values[i]);

      g_checksum_update (checksum, (const guchar *) nick, strlen (nick) + 1);
      g_checksum_update (checksum, (const guchar *) &number, sizeof number);
    }
  return g_strdup_printf ("%s%.*s", is_flags (info) ? "PlantRpcFlags_" : "PlantRpcEnum_",
                          HASH_LENGTH, g_checksum_get_string (checksum));
}

/* GType keeps the table for ever. */
static GType
register_enum (const char           *name,
               PlantRpcPropertyInfo *info)
{
  guint n_values = g_strv_length (info->choices);
  GEnumValue *values = g_new0 (GEnumValue, n_values + 1);

  for (guint i = 0; i < n_values; i++)
    {
      values[i].value = info->choice_values[i];
      values[i].value_nick = values[i].value_name = g_strdup (info->choices[i]);
    }
  return g_enum_register_static (name, values);
}

static GType
register_flags (const char           *name,
                PlantRpcPropertyInfo *info)
{
  guint n_values = g_strv_length (info->choices);
  GFlagsValue *values = g_new0 (GFlagsValue, n_values + 1);

  for (guint i = 0; i < n_values; i++)
    {
      values[i].value = (guint) info->choice_values[i];
      values[i].value_nick = values[i].value_name = g_strdup (info->choices[i]);
    }
  return g_flags_register_static (name, values);
}

/* Returns the enumeration or flags type for the choices of INFO. It is the type with that name if
 * this process has it with the same nicks and values. Otherwise it is a type that is made for these
 * choices once. Thread-safe. */
static GType
get_enum (PlantRpcPropertyInfo *info)
{
  GType type = find_original (info);
  g_autofree char *name = NULL;
  g_autoptr (GMutexLocker) locker = NULL;

  if (type != G_TYPE_INVALID)
    return type;

  name = make_enum_name (info);
  locker = g_mutex_locker_new (&types_lock);
  type = g_type_from_name (name);
  if (type != G_TYPE_INVALID)
    return type;
  return is_flags (info) ? register_flags (name, info) : register_enum (name, info);
}

/* ---- types of values */

static GType
type_of_string (const char *type_string)
{
  if (*type_string == '\0' || (type_string[1] != '\0' && !g_str_equal (type_string, "as")))
    return G_TYPE_VARIANT;
  switch (*type_string)
    {
    case 'b':
      return G_TYPE_BOOLEAN;
    case 'i':
      return G_TYPE_INT;
    case 'u':
      return G_TYPE_UINT;
    case 'x':
      return G_TYPE_INT64;
    case 't':
      return G_TYPE_UINT64;
    case 'd':
      return G_TYPE_DOUBLE;
    case 's':
      return G_TYPE_STRING;
    case 'a':
      return G_TYPE_STRV;
    default:
      return G_TYPE_VARIANT;
    }
}

GType
plant_rpc_runtime_type_of_property (PlantRpcPropertyInfo *info)
{
  if (info->pspec != NULL)
    return G_PARAM_SPEC_VALUE_TYPE (info->pspec);
  if (info->choices != NULL)
    return get_enum (info);
  if (info->untyped)
    return PLANT_RPC_TYPE_UNTYPED;
  if (g_str_equal (info->type_string, "y"))
    return G_TYPE_UCHAR;
  if (g_str_equal (info->type_string, "n"))
    return G_TYPE_INT;
  if (g_str_equal (info->type_string, "q"))
    return G_TYPE_UINT;
  return type_of_string (info->type_string);
}

static GType
type_of_argument (PlantRpcSignalInfo *info,
                  guint               n)
{
  g_autofree char *type_string = NULL;

  if (info->param_types != NULL)
    return info->param_types[n];
  if (info->untyped)
    return PLANT_RPC_TYPE_UNTYPED;
  if (info->signature == NULL)
    return G_TYPE_VARIANT;
  type_string = plant_rpc_signature_dup_nth (info->signature, n);
  return type_of_string (type_string);
}

/* ---- types of objects */

static void
install_property (GObjectClass         *klass,
                  guint                 index,
                  PlantRpcPropertyInfo *info)
{
  GType type = plant_rpc_runtime_type_of_property (info);
  GParamSpec *pspec = info->pspec != NULL ? plant_rpc_param_spec_clone (info->pspec, info->name)
                                          : plant_rpc_param_spec_new_for_info (info, type);

  g_object_class_install_property (klass, PLANT_RPC_RUNTIME_FIRST_PROPERTY + index, pspec);
}

static void
install_signal (GType               type,
                PlantRpcSignalInfo *info)
{
  guint n_params = info->signature != NULL ? info->n_params : 1;
  g_autofree GType *params = g_new (GType, n_params + 1);

  if (g_signal_lookup (info->name, type) != 0)
    return;
  for (guint i = 0; i < n_params; i++)
    params[i] = type_of_argument (info, i);
  g_signal_newv (info->name, type, G_SIGNAL_RUN_LAST, NULL, NULL, NULL, NULL, G_TYPE_NONE,
                 n_params, params);
}

static void
class_init (gpointer klass,
            gpointer class_data)
{
  const Blueprint *blueprint = class_data;
  GPtrArray *properties = blueprint->info->properties.list;
  GPtrArray *signals = blueprint->info->signals.list;

  G_OBJECT_CLASS (klass)->set_property = blueprint->set;
  G_OBJECT_CLASS (klass)->get_property = blueprint->get;
  for (guint i = 0; i < properties->len; i++)
    install_property (klass, i, g_ptr_array_index (properties, i));
  for (guint i = 0; i < signals->len; i++)
    install_signal (G_TYPE_FROM_CLASS (klass), g_ptr_array_index (signals, i));
}

static gboolean
has_property (PlantRpcInterfaceInfo *info,
              GParamSpec            *pspec)
{
  PlantRpcPropertyInfo *member = g_hash_table_lookup (info->properties.by_name, pspec->name);

  return member != NULL &&
         plant_rpc_runtime_type_of_property (member) == G_PARAM_SPEC_VALUE_TYPE (pspec);
}

/* The vtable stays referenced, since its properties and signals must not go away. */
static gboolean
has_properties_of (PlantRpcInterfaceInfo *info,
                   GType                  iface)
{
  guint n_specs = 0;
  g_autofree GParamSpec **specs =
    g_object_interface_list_properties (g_type_default_interface_ref (iface), &n_specs);

  for (guint i = 0; i < n_specs; i++)
    {
      if (!has_property (info, specs[i]))
        return FALSE;
    }
  return TRUE;
}

/* GObject aborts if a class implements an interface and lacks one of its properties. */
static gboolean
can_implement (PlantRpcInterfaceInfo *info,
               GType                  iface,
               GType                  parent)
{
  guint n_types = 0;
  g_autofree GType *required = g_type_interface_prerequisites (iface, &n_types);

  for (guint i = 0; i < n_types; i++)
    {
      if (g_type_is_a (parent, required[i]))
        continue;
      if (!G_TYPE_IS_INTERFACE (required[i]) || !has_properties_of (info, required[i]))
        return FALSE;
    }
  return has_properties_of (info, iface);
}

static void
add_interface (GType type,
               GType iface)
{
  static const GInterfaceInfo no_methods = { NULL, NULL, NULL };
  guint n_types = 0;
  g_autofree GType *required = g_type_interface_prerequisites (iface, &n_types);

  if (g_type_is_a (type, iface))
    return;
  for (guint i = 0; i < n_types; i++)
    {
      if (G_TYPE_IS_INTERFACE (required[i]))
        add_interface (type, required[i]);
    }
  g_type_add_interface_static (type, iface, &no_methods);
}

static char *
make_key (PlantRpcInterfaceInfo *info,
          GType                  template_type,
          GType                  parent)
{
  const char *name = template_type != G_TYPE_INVALID ? g_type_name (template_type) : NULL;

  return g_strdup_printf ("%s %s %s", plant_rpc_interface_info_get_hash (info),
                          name != NULL ? name : "", g_type_name (parent));
}

static char *
make_name (const char *key)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);

  return g_strdup_printf ("PlantRpcRuntime_%.*s", HASH_LENGTH, hash);
}

static GType
register_type (const char *key,
               GType       parent,
               GType       iface,
               Blueprint  *blueprint)
{
  g_autofree char *name = make_name (key);
  GTypeInfo type_info = { 0, NULL, NULL, class_init, NULL, blueprint, 0, 0, NULL, NULL };
  GTypeQuery query;
  GType type;

  g_type_query (parent, &query);
  type_info.class_size = query.class_size;
  type_info.instance_size = query.instance_size;
  type = g_type_register_static (parent, name, &type_info, 0);
  g_type_set_qdata (type, blueprint_quark (), blueprint);
  if (iface != G_TYPE_INVALID)
    add_interface (type, iface);
  return type;
}

static guint
measure_cost (PlantRpcInterfaceInfo *info)
{
  GPtrArray *properties = info->properties.list;
  guint cost = TYPE_COST + properties->len + info->signals.list->len;

  for (guint i = 0; i < properties->len; i++)
    {
      PlantRpcPropertyInfo *property = g_ptr_array_index (properties, i);

      cost += property->choices != NULL ? g_strv_length (property->choices) : 0;
    }
  return cost;
}

static gboolean
spend_locked (PlantRpcInterfaceInfo  *info,
              const char             *peer,
              GError                **error)
{
  guint cost = measure_cost (info), peer_cost;

  if (peer_costs == NULL)
    peer_costs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  peer_cost = GPOINTER_TO_UINT (g_hash_table_lookup (peer_costs, peer));
  if (cost > PLANT_RPC_MAX_PEER_TYPE_MEMBERS - peer_cost ||
      cost > PLANT_RPC_MAX_TYPE_MEMBERS - total_cost)
    return plant_rpc_error_fail (
        error, PLANT_RPC_ERROR_LIMIT,
        /* Translators: the address of a peer */
        _("“%s” has described too many or too large interfaces: this program makes no"
          " more types for it. A client that is used by name needs none"), peer);
  g_hash_table_replace (peer_costs, g_strdup (peer), GUINT_TO_POINTER (peer_cost + cost));
  total_cost += cost;
  return TRUE;
}

static gboolean
check_parent (GType    parent,
              GError **error)
{
  if (G_TYPE_IS_OBJECT (parent) && G_TYPE_IS_DERIVABLE (parent) && !G_TYPE_IS_FINAL (parent))
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                               /* Translators: the name of a GType */
                               _("%s is no GObject class that can have subclasses"),
                               g_type_name (parent));
}

GType
plant_rpc_runtime_type_get (PlantRpcInterfaceInfo   *info,
                            GType                    template_type,
                            GType                    parent,
                            const char              *peer,
                            GObjectSetPropertyFunc   set,
                            GObjectGetPropertyFunc   get,
                            GError                 **error)
{
  g_autofree char *key = NULL;
  g_autoptr (GMutexLocker) locker = NULL;
  GType iface = G_TYPE_INVALID;
  GType type;
  Blueprint *blueprint;

  if (!check_parent (parent, error))
    return G_TYPE_INVALID;

  /* This initialises classes, whose code may come here again, so the lock must not be held. */
  if (G_TYPE_IS_INTERFACE (template_type) && can_implement (info, template_type, parent))
    iface = template_type;
  key = make_key (info, template_type, parent);

  locker = g_mutex_locker_new (&types_lock);
  if (types == NULL)
    types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  type = (GType) g_hash_table_lookup (types, key);
  if (type != G_TYPE_INVALID)
    return type;
  if (peer != NULL && !spend_locked (info, peer, error))
    return G_TYPE_INVALID;

  blueprint = g_new0 (Blueprint, 1);
  blueprint->info = plant_rpc_interface_info_ref (info);
  blueprint->set = set;
  blueprint->get = get;
  type = register_type (key, parent, iface, blueprint);
  g_hash_table_insert (types, g_steal_pointer (&key), (gpointer) type);
  return type;
}

PlantRpcInterfaceInfo *
plant_rpc_runtime_type_get_interface (GType type)
{
  for (; type != G_TYPE_INVALID; type = g_type_parent (type))
    {
      const Blueprint *blueprint = g_type_get_qdata (type, blueprint_quark ());

      if (blueprint != NULL)
        return blueprint->info;
    }
  return NULL;
}
