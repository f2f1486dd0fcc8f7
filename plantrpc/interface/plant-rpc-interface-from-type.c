/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "plant-rpc-builder-private.h"
#include "plant-rpc-declaration-private.h"
#include "plant-rpc-description-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-param-spec-private.h"
#include "plant-rpc-signature-private.h"
#include "plant-rpc-value-private.h"

/* The state while a GType is read. */
typedef struct {
  GType                  type;
  GType                  base;    /* members of it, its ancestors and interfaces are left out */
  const char *const     *hidden;  /* (nullable) */
  gboolean               protect; /* TRUE: names must not hide members of the client */
  GArray                *lineage; /* (owned) (element-type GType): interfaces, then classes */
  PlantRpcInterfaceInfo *info;    /* (owned): what is made of it */
} Template;

static int
compare_type_names (gconstpointer a,
                    gconstpointer b)
{
  return strcmp (g_type_name (*(const GType *) a), g_type_name (*(const GType *) b));
}

/* Returns all interfaces of the type, also inherited ones. */
static GArray *
list_interfaces (GType type,
                 GType base)
{
  GArray *interfaces = g_array_new (FALSE, FALSE, sizeof (GType));
  guint n_types = 0;
  g_autofree GType *types = G_TYPE_IS_INTERFACE (type)
                              ? g_type_interface_prerequisites (type, &n_types)
                              : g_type_interfaces (type, &n_types);

  for (guint i = 0; i < n_types; i++)
    {
      if (G_TYPE_IS_INTERFACE (types[i]) && !g_type_is_a (base, types[i]))
        g_array_append_val (interfaces, types[i]);
    }
  g_array_sort (interfaces, compare_type_names);
  return interfaces;
}

static GArray *
list_lineage (GType type,
              GType base)
{
  GArray *lineage = list_interfaces (type, base);
  guint n_interfaces = lineage->len;

  if (G_TYPE_IS_INTERFACE (type))
    return g_array_append_val (lineage, type);
  for (GType t = type; t != 0 && !g_type_is_a (base, t); t = g_type_parent (t))
    g_array_insert_val (lineage, n_interfaces, t);
  return lineage;
}

static char *
dup_declared (Template   *self,
              const char *member,
              const char *what)
{
  char *found = NULL;

  for (guint i = self->lineage->len; i > 0 && found == NULL; i--)
    found = plant_rpc_declaration_dup (g_array_index (self->lineage, GType, i - 1), member, what);
  return found;
}

static gboolean
is_hidden (Template   *self,
           const char *name,
           const char *wire_name)
{
  return self->hidden != NULL && (g_strv_contains (self->hidden, name) ||
                                  g_strv_contains (self->hidden, wire_name));
}

static char *
dup_name (Template   *self,
          const char *name)
{
  return self->protect ? plant_rpc_names_protect (name) : g_strdup (name);
}

static gboolean
read_methods (Template  *self,
              GError   **error)
{
  for (guint i = 0; i < self->lineage->len; i++)
    {
      g_autoptr (GPtrArray) methods =
        plant_rpc_declaration_list_methods (g_array_index (self->lineage, GType, i));

      for (guint j = 0; j < methods->len; j++)
        {
          PlantRpcMethodInfo *method = g_ptr_array_index (methods, j);

          if (is_hidden (self, method->name, method->name))
            continue;
          plant_rpc_method_info_ref (method);
          if (!plant_rpc_builder_replace_method (self->info, method, error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
can_travel (Template   *self,
            GParamSpec *pspec)
{
  if (g_type_is_a (self->base, pspec->owner_type))
    return FALSE;
  if (plant_rpc_value_type_string (G_PARAM_SPEC_VALUE_TYPE (pspec)) != NULL &&
      plant_rpc_names_is_valid (pspec->name) &&
      ((pspec->flags & G_PARAM_READABLE) != 0 ||
       ((pspec->flags & G_PARAM_WRITABLE) != 0 && (pspec->flags & G_PARAM_CONSTRUCT_ONLY) == 0)))
    return TRUE;

  plant_rpc_debug ("property %s of %s does not travel: %s", pspec->name,
                   g_type_name (pspec->owner_type), g_type_name (G_PARAM_SPEC_VALUE_TYPE (pspec)));
  return FALSE;
}

/* Returns TRUE if a peer could not tell the nicks apart. */
static gboolean
are_distinct (char **nicks)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (char **nick = nicks; *nick != NULL; nick++)
    {
      if (!plant_rpc_names_is_method (*nick) || !g_hash_table_add (seen, *nick))
        return FALSE;
    }
  return *nicks != NULL;
}

static void
read_choices (PlantRpcPropertyInfo *property,
              GType                 type)
{
  g_autoptr (GTypeClass) klass = NULL;
  g_autoptr (GStrvBuilder) nicks = g_strv_builder_new ();
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint));
  g_auto (GStrv) choices = NULL;
  const char *nick;
  gint number;

  if (!G_TYPE_IS_ENUM (type) && !G_TYPE_IS_FLAGS (type))
    return;
  klass = g_type_class_ref (type);
  while ((nick = plant_rpc_value_get_choice (klass, numbers->len, &number)) != NULL)
    {
      g_strv_builder_add (nicks, nick);
      g_array_append_val (numbers, number);
    }
  choices = g_strv_builder_end (nicks);
  if (!are_distinct (choices))
    return;
  property->type_name = g_strdup (g_type_name (type));
  property->choices = g_steal_pointer (&choices);
  property->choice_values = g_array_steal (numbers, NULL);
}

/* Returns a GParamSpec for the values of a variant type that was declared beside the given one. */
static GParamSpec *
ref_spec (Template   *self,
          GParamSpec *pspec)
{
  g_autofree char *type_string = dup_declared (self, pspec->name, "variant type");
  GParamSpec *typed = NULL;

  if (type_string != NULL)
    typed = plant_rpc_param_spec_new_of_variant_type (pspec, type_string);
  return typed != NULL ? typed : g_param_spec_ref (pspec);
}

static void
read_declarations (Template             *self,
                   PlantRpcPropertyInfo *property,
                   const char           *name)
{
  g_autofree char *step = dup_declared (self, name, "step");
  g_autofree char *read_only = dup_declared (self, name, "read only");

  property->unit = dup_declared (self, name, "unit");
  if (g_strcmp0 (property->unit, "") == 0)
    g_clear_pointer (&property->unit, g_free);
  if (step != NULL && plant_rpc_property_info_is_number (property))
    property->step = g_ascii_strtod (step, NULL);
  if (g_strcmp0 (read_only, "true") == 0 && property->readable)
    property->writable = FALSE;
}

/* A property without a blurb has its name as blurb in Vala, which is no description. */
static PlantRpcPropertyInfo *
read_property (Template   *self,
               GParamSpec *given,
               const char *wire_name)
{
  g_autofree char *name = dup_name (self, given->name);
  g_autoptr (GParamSpec) pspec = ref_spec (self, given);
  const char *blurb = g_param_spec_get_blurb (pspec);
  PlantRpcPropertyInfo *property =
    plant_rpc_property_info_new (name, wire_name, plant_rpc_param_spec_type_string (pspec));

  property->pspec = g_param_spec_ref (pspec);
  property->readable = (pspec->flags & G_PARAM_READABLE) != 0;
  property->writable = (pspec->flags & G_PARAM_WRITABLE) != 0 &&
                       (pspec->flags & G_PARAM_CONSTRUCT_ONLY) == 0;
  property->default_value = plant_rpc_param_spec_dup_default (pspec);
  read_declarations (self, property, pspec->name);
  if (blurb != NULL && *blurb != '\0' && !g_str_equal (blurb, pspec->name))
    property->description = g_utf8_make_valid (blurb, -1);
  plant_rpc_param_spec_read_limits (pspec, &property->minimum, &property->maximum);
  read_choices (property, G_PARAM_SPEC_VALUE_TYPE (pspec));
  return property;
}

static void
add_specs (GPtrArray   *all,
           GParamSpec **specs,
           guint        n_specs)
{
  for (guint i = 0; i < n_specs; i++)
    g_ptr_array_add (all, specs[i]);
}

static int
compare_owners (gconstpointer a,
                gconstpointer b)
{
  const GParamSpec *first = *(GParamSpec *const *) a;
  const GParamSpec *second = *(GParamSpec *const *) b;
  int depth = (int) g_type_depth (first->owner_type) - (int) g_type_depth (second->owner_type);

  return depth != 0 ? depth : compare_type_names (&first->owner_type, &second->owner_type);
}

/* The order is that of declaration for each owner. The order of the owners is the same in each
 * process, since a runtime type is identified by it. */
static GPtrArray *
list_specs (Template *self)
{
  /* The table of the properties of interfaces exists once the class of GObject does. */
  g_autoptr (GTypeClass) object_class = g_type_class_ref (G_TYPE_OBJECT);
  GPtrArray *all = g_ptr_array_new ();
  guint n_specs = 0;

  if (!G_TYPE_IS_INTERFACE (self->type))
    {
      g_autoptr (GTypeClass) klass = g_type_class_ref (self->type);
      g_autofree GParamSpec **specs =
        g_object_class_list_properties (G_OBJECT_CLASS (klass), &n_specs);

      add_specs (all, specs, n_specs);
      g_ptr_array_sort (all, compare_owners);
      return all;
    }
  for (guint i = 0; i < self->lineage->len; i++)
    {
      GType type = g_array_index (self->lineage, GType, i);
      gpointer vtable = g_type_default_interface_ref (type);
      g_autofree GParamSpec **specs = g_object_interface_list_properties (vtable, &n_specs);

      add_specs (all, specs, n_specs);
      g_type_default_interface_unref (vtable);
    }
  return all;
}

static gboolean
read_properties (Template  *self,
                 GError   **error)
{
  g_autoptr (GPtrArray) specs = list_specs (self);

  for (guint i = 0; i < specs->len; i++)
    {
      GParamSpec *pspec = g_ptr_array_index (specs, i);
      g_autofree char *wire_name = NULL;
      PlantRpcPropertyInfo *property;

      if (!can_travel (self, pspec))
        continue;
      wire_name = dup_declared (self, pspec->name, "wire name");
      if (wire_name == NULL)
        wire_name = plant_rpc_names_property_to_wire (pspec->name);
      if (is_hidden (self, pspec->name, wire_name))
        continue;
      property = read_property (self, pspec, wire_name);
      if (!plant_rpc_members_take (&self->info->properties, property, error))
        return FALSE;
    }
  return TRUE;
}

/* Returns NULL if the signal or one of its arguments cannot travel. */
static char *
make_signature (const GSignalQuery *query)
{
  g_autoptr (GString) signature = g_string_new ("(");

  if (query->n_params > PLANT_RPC_MAX_ARGUMENTS || !plant_rpc_names_is_valid (query->signal_name))
    return NULL;
  for (guint i = 0; i < query->n_params; i++)
    {
      GType type = query->param_types[i] & ~G_SIGNAL_TYPE_STATIC_SCOPE;
      const char *type_string = plant_rpc_value_type_string (type);

      if (type_string == NULL)
        {
          plant_rpc_debug ("signal %s of %s does not travel: %s", query->signal_name,
                           g_type_name (query->itype), g_type_name (type));
          return NULL;
        }
      g_string_append (signature, type_string);
    }
  return g_strdup (g_string_append_c (signature, ')')->str);
}

static gboolean
read_signal (Template  *self,
             guint      id,
             GError   **error)
{
  GSignalQuery query;
  g_autofree char *signature = NULL;
  g_autofree char *wire_name = NULL;
  g_autofree char *name = NULL;
  PlantRpcSignalInfo *signal;

  g_signal_query (id, &query);
  signature = make_signature (&query);
  wire_name = dup_declared (self, query.signal_name, "wire name");
  if (wire_name == NULL)
    wire_name = plant_rpc_names_signal_to_wire (query.signal_name);
  if (signature == NULL || is_hidden (self, query.signal_name, wire_name))
    return TRUE;

  name = dup_name (self, query.signal_name);
  signal = plant_rpc_signal_info_new (name, wire_name, signature);
  signal->param_types = g_new0 (GType, query.n_params + 1);
  for (guint i = 0; i < query.n_params; i++)
    signal->param_types[i] = query.param_types[i] & ~G_SIGNAL_TYPE_STATIC_SCOPE;
  return plant_rpc_members_take (&self->info->signals, signal, error);
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  guint x = *(const guint *) a;
  guint y = *(const guint *) b;

  return x < y ? -1 : x > y;
}

/* Ids are in the order of declaration, and g_signal_list_ids() returns them in another one. */
static gboolean
read_signals_of (Template  *self,
                 GType      type,
                 GError   **error)
{
  guint n_ids = 0;
  g_autofree guint *ids = g_signal_list_ids (type, &n_ids);

  if (n_ids > 1)
    qsort (ids, n_ids, sizeof *ids, compare_ids);
  for (guint i = 0; i < n_ids; i++)
    {
      if (!read_signal (self, ids[i], error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_signals (Template  *self,
              GError   **error)
{
  g_autoptr (GTypeClass) klass =
    G_TYPE_IS_CLASSED (self->type) ? g_type_class_ref (self->type) : NULL;

  for (guint i = 0; i < self->lineage->len; i++)
    {
      GType type = g_array_index (self->lineage, GType, i);
      gpointer vtable = G_TYPE_IS_INTERFACE (type) ? g_type_default_interface_ref (type) : NULL;
      gboolean success = read_signals_of (self, type, error);

      g_clear_pointer (&vtable, g_type_default_interface_unref);
      if (!success)
        return FALSE;
    }
  return TRUE;
}

static void
template_clear (Template *self)
{
  g_clear_pointer (&self->lineage, g_array_unref);
  g_clear_pointer (&self->info, plant_rpc_interface_info_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Template, template_clear)

static gboolean
check_type (GType    type,
            GError **error)
{
  const char *name = g_type_name (type);

  if (G_TYPE_IS_OBJECT (type) || G_TYPE_IS_INTERFACE (type))
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                               _("“%s” is no GObject class or interface"),
                               name != NULL ? name : "");
}

static gboolean
template_read (Template  *self,
               GError   **error)
{
  if (!check_type (self->type, error))
    return FALSE;
  self->lineage = list_lineage (self->type, self->base);
  self->info = plant_rpc_interface_info_new ();
  if (!read_methods (self, error) || !read_properties (self, error) || !read_signals (self, error))
    {
      g_prefix_error (error, "%s: ", g_type_name (self->type));
      return FALSE;
    }
  plant_rpc_builder_pair (self->info);
  return TRUE;
}

/* ---- templates that were read before */

/* What is made of a template depends on these. None of them is ever taken back, so the same numbers
 * mean that nothing has changed. */
typedef struct {
  guint n_declarations; /* of the whole process */
  guint n_types;        /* in its lineage */
  guint n_specs;
  guint n_signals;
} Stamp;

/* Belongs to a GType as its qdata, and so is never freed. */
typedef struct {
  PlantRpcInterfaceInfo *info; /* (owned) */
  Stamp                  stamp;
} Known;

static GMutex known_lock;

static G_DEFINE_QUARK (plant-rpc-known-interface, known)

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&known_lock, PLANT_RPC_LOCK_INNER);
}

static Stamp
take_stamp (GType type)
{
  g_auto (Template) template = { type, G_TYPE_OBJECT, NULL, TRUE, NULL, NULL };
  Stamp stamp = { .n_declarations = plant_rpc_declaration_count () };
  g_autoptr (GPtrArray) specs = NULL;

  template.lineage = list_lineage (type, G_TYPE_OBJECT);
  specs = list_specs (&template);
  stamp.n_types = template.lineage->len;
  stamp.n_specs = specs->len;
  for (guint i = 0; i < template.lineage->len; i++)
    {
      guint n_ids = 0;

      g_free (g_signal_list_ids (g_array_index (template.lineage, GType, i), &n_ids));
      stamp.n_signals += n_ids;
    }
  return stamp;
}

/* Returns the interface (transfer full) that was made of the template as STAMP tells, or NULL. */
static PlantRpcInterfaceInfo *
find_known (GType        type,
            const Stamp *stamp)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&known_lock);
  Known *known = g_type_get_qdata (type, known_quark ());

  return known != NULL && memcmp (&known->stamp, stamp, sizeof *stamp) == 0
             ? plant_rpc_interface_info_ref (known->info)
             : NULL;
}

static void
keep_known (GType                  type,
            const Stamp           *stamp,
            PlantRpcInterfaceInfo *info)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&known_lock);
  Known *known = g_type_get_qdata (type, known_quark ());

  if (known == NULL)
    {
      known = g_new0 (Known, 1);
      g_type_set_qdata (type, known_quark (), known);
    }
  g_clear_pointer (&known->info, plant_rpc_interface_info_unref);
  *known = (Known) { plant_rpc_interface_info_ref (info), *stamp };
}

/**
 * plant_rpc_interface_info_new_for_type:
 * @type: a GObject class or interface
 * @error: return location for an error
 *
 * Makes an interface from the properties and signals that a type declares. Methods, names, units
 * and the like come from [func@type_declare_method], [func@type_declare_wire_name],
 * [func@type_declare_unit], [func@type_declare_step], [func@type_declare_read_only] and
 * [func@type_declare_variant_type].
 *
 * The interface includes the members that the type inherits and those of its interfaces, but not
 * the members of [class@GObject.Object]. It leaves out members whose values cannot be sent.
 * Booleans, integers, floating numbers, strings, enumerations, flags, lists of strings and variants
 * can be sent. A signal `mode-changed` reports the changes of the property `mode`. Names that would
 * hide a member of [class@GObject.Object] or of [class@Client] get the prefix `remote-`.
 *
 * Fails with %PLANT_RPC_ERROR_INVALID_INTERFACE if @type is neither a class nor an interface, or if
 * two of its members would have the same name on the wire. May be called from any thread.
 *
 * Returns: (transfer full): a new interface
 *
 * Since: 1.0
 */
PlantRpcInterfaceInfo *
plant_rpc_interface_info_new_for_type (GType    type,
                                       GError **error)
{
  g_auto (Template) template = { type, G_TYPE_OBJECT, NULL, TRUE, NULL, NULL };
  PlantRpcInterfaceInfo *known;
  Stamp stamp;

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_type (type, error))
    return NULL;
  stamp = take_stamp (type);
  known = find_known (type, &stamp);
  if (known != NULL)
    return known;
  if (!template_read (&template, error))
    return NULL;
  plant_rpc_builder_assume_change_signals (template.info);
  keep_known (type, &stamp, template.info);
  return g_steal_pointer (&template.info);
}

PlantRpcInterfaceInfo *
plant_rpc_interface_info_new_for_export (GType               type,
                                         GType               base,
                                         const char *const  *hidden,
                                         GPtrArray          *methods,
                                         GError            **error)
{
  g_auto (Template) template = { type, g_type_is_a (type, base) ? base : G_TYPE_OBJECT, hidden,
                                FALSE, NULL, NULL };

  if (!template_read (&template, error))
    return NULL;
  for (guint i = 0; methods != NULL && i < methods->len; i++)
    {
      PlantRpcMethodInfo *method = g_ptr_array_index (methods, i);

      plant_rpc_method_info_ref (method);
      if (!plant_rpc_builder_replace_method (template.info, method, error))
        return NULL;
    }
  if (!plant_rpc_builder_add_change_signals (template.info, error))
    return NULL;
  return g_steal_pointer (&template.info);
}
