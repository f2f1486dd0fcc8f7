/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model.h"

#include <glib/gi18n-lib.h>

#include "identifiers.h"
#include "plant-rpc-names-private.h"
#include "text.h"

static void
argument_free (gpointer data)
{
  Argument *self = data;

  g_free (self->type_string);
  g_free (self->identifier);
  g_free (self->wire_name);
  g_clear_pointer (&self->preset, g_variant_unref);
  g_free (self);
}

static void
member_free (gpointer data)
{
  Member *self = data;

  scope_free (self->scope);
  g_clear_pointer (&self->arguments, g_ptr_array_unref);
  g_clear_pointer (&self->pspec, g_param_spec_unref);
  g_free (self);
}

void
model_free (Model *self)
{
  plant_rpc_interface_info_unref (self->info);
  scope_free (self->scope);
  g_hash_table_unref (self->taken);
  g_ptr_array_unref (self->methods);
  g_ptr_array_unref (self->properties);
  g_ptr_array_unref (self->signals);
  g_free (self);
}

gboolean
argument_is_omittable (Argument *self)
{
  return self->preset != NULL && kind_is_pointer (self->kind);
}

gboolean
member_is_raw (Member *self)
{
  return self->method != NULL && plant_rpc_method_info_get_n_parameters (self->method) < 0;
}

int
member_get_number (Member *self,
                   guint   choice)
{
  const char *nick = self->choices[choice];

  if (G_IS_PARAM_SPEC_ENUM (self->pspec))
    return g_enum_get_value_by_nick (G_PARAM_SPEC_ENUM (self->pspec)->enum_class, nick)->value;
  return (int) g_flags_get_value_by_nick (G_PARAM_SPEC_FLAGS (self->pspec)->flags_class, nick)
      ->value;
}

GVariant *
member_get_nearest (Member *self)
{
  g_autoptr (GVariant) zero = NULL;

  if (self->minimum == NULL && self->maximum == NULL)
    return NULL;
  zero = g_variant_parse (G_VARIANT_TYPE (self->type_string), "0", NULL, NULL, NULL);
  if (self->minimum != NULL && g_variant_compare (self->minimum, zero) > 0)
    return self->minimum;
  if (self->maximum != NULL && g_variant_compare (self->maximum, zero) < 0)
    return self->maximum;
  return NULL;
}

const Kind *
member_get_result (Member *self)
{
  if (self->returned == NULL)
    return kind_variant ();
  return g_str_equal (self->returned, "()") ? NULL : kind_of (self->returned);
}

guint
member_count_placed (Member *self)
{
  for (guint i = 0; i < self->arguments->len; i++)
    {
      if (argument_is_omittable (g_ptr_array_index (self->arguments, i)))
        return i;
    }
  return self->arguments->len;
}

gboolean
model_has_arguments (Model *self)
{
  for (guint i = 0; i < self->methods->len; i++)
    {
      if (((Member *) g_ptr_array_index (self->methods, i))->arguments->len > 0)
        return TRUE;
    }
  return FALSE;
}

/* Names that are no identifiers everywhere are numbered. */
static Argument *
argument_new (const char *type_string,
              const char *wire_name,
              guint       number)
{
  Argument *self = g_new0 (Argument, 1);

  self->kind = kind_of (type_string);
  self->type_string = g_strdup (type_string);
  self->wire_name = g_strdup (wire_name);
  if (wire_name != NULL && text_is_plain (wire_name))
    self->identifier = g_strconcat ("arg_", wire_name, NULL);
  else
    self->identifier = g_strdup_printf ("arg_%u", number);
  return self;
}

static Argument *
argument_new_for_parameter (PlantRpcParameterInfo *parameter,
                            guint                  number)
{
  GVariant *preset = plant_rpc_parameter_info_get_default (parameter);
  Argument *self = argument_new (plant_rpc_parameter_info_get_type_string (parameter),
                                 plant_rpc_parameter_info_get_name (parameter), number);

  if (preset != NULL)
    self->preset = g_variant_ref (preset);
  return self;
}

/* Returns the GObject name of a property or signal. In Vala it follows from the identifier. */
static const char *
gobject_name (Model      *model,
              const char *name)
{
  g_autofree char *snake = text_to_snake (name);
  g_autofree char *hyphens = text_to_hyphens (snake);

  return model->vala ? g_intern_string (hyphens) : name;
}

static Member *
member_new (Model      *model,
            const char *snake,
            const char *name,
            const char *wire_name)
{
  Member *self = g_new0 (Member, 1);

  self->name = name;
  self->wire_name = wire_name;
  self->scope = scope_new (model->scope);
  scope_set (self->scope, "member", snake);
  scope_take (self->scope, "ID", g_ascii_strup (snake, -1));
  scope_take (self->scope, "wire", text_to_comment (wire_name));
  scope_take (self->scope, "wire_literal",
              model->vala ? text_to_vala_literal (wire_name) : text_to_c_literal (wire_name));
  return self;
}

static void
set_handler (Model  *model,
             Member *member)
{
  member->index = model->n_handlers++;
  scope_take (member->scope, "index", g_strdup_printf ("%u", member->index));
}

static gboolean
add_method (Model               *model,
            PlantRpcMethodInfo  *info,
            GError             **error)
{
  g_autofree char *snake = identifiers_for_method (model, info, error);
  PlantRpcParameterInfo *parameter;
  Member *member;

  if (snake == NULL)
    return FALSE;
  member = member_new (model, snake, NULL, plant_rpc_method_info_get_name (info));
  member->method = info;
  member->buffer = plant_rpc_method_info_get_buffer (info);
  member->returned = plant_rpc_method_info_get_return_type (info);
  member->arguments = g_ptr_array_new_with_free_func (argument_free);
  g_ptr_array_add (model->methods, member);
  scope_take (member->scope, "signal", text_to_hyphens (snake));
  scope_set (member->scope, "kind", member->buffer ? "buffer" : "json");
  set_handler (model, member);
  for (guint i = 0; (parameter = plant_rpc_method_info_get_parameter (info, i)) != NULL; i++)
    g_ptr_array_add (member->arguments, argument_new_for_parameter (parameter, i + 1));
  return TRUE;
}

static void
set_types (Model  *model,
           Member *member)
{
  const Kind *kind = member->kind;
  g_autofree char *plain = NULL;

  if (member->choices == NULL)
    {
      scope_set (member->scope, "c_in", kind->c_in);
      scope_set (member->scope, "c_out", kind->c_out);
      scope_set (member->scope, "c_field", kind->c_out);
      scope_take (member->scope, "c_return", g_strchomp (g_strdup (kind->c_out)));
      scope_set (member->scope, "vala_type", kind->vala);
      return;
    }
  identifiers_set_enum (model, member);
  scope_set (member->scope, "c_return", scope_get (member->scope, "Enum"));
  plain = g_strconcat (scope_get (member->scope, "Enum"), " ", NULL);
  scope_set (member->scope, "c_in", plain);
  scope_set (member->scope, "c_out", plain);
  scope_set (member->scope, "c_field", plain);
  scope_set (member->scope, "vala_type", scope_get (member->scope, "Enum"));
}

static const Kind *
kind_of_property (PlantRpcPropertyInfo *info)
{
  const char *type_string = plant_rpc_property_info_get_type_string (info);

  if (plant_rpc_property_info_get_choices (info) != NULL)
    return g_str_equal (type_string, "as") ? kind_flags () : kind_enum ();
  return kind_of (type_string);
}

/* Generated code has the text of a default, and GVariant does not read every text that it writes:
 * for one, no number below those of full precision. */
static GVariant *
readable_default (PlantRpcPropertyInfo *info)
{
  GVariant *preset = plant_rpc_property_info_get_default (info);
  g_autofree char *text = NULL;
  g_autoptr (GVariant) read = NULL;

  if (preset == NULL || kind_of_property (info) != kind_variant ())
    return preset;
  text = g_variant_print (preset, TRUE);
  read = g_variant_parse (NULL, text, NULL, NULL, NULL);
  return read != NULL ? preset : NULL;
}

static void
set_property (Member               *member,
              PlantRpcPropertyInfo *info)
{
  member->pspec = plant_rpc_property_info_create_param_spec (info);
  member->type_string = plant_rpc_property_info_get_type_string (info);
  member->choices = plant_rpc_property_info_get_choices (info);
  member->readable = plant_rpc_property_info_get_readable (info);
  member->writable = plant_rpc_property_info_get_writable (info);
  member->default_value = readable_default (info);
  member->minimum = plant_rpc_property_info_get_minimum (info);
  member->maximum = plant_rpc_property_info_get_maximum (info);
  member->step = plant_rpc_property_info_get_step (info);
  member->unit = plant_rpc_property_info_get_unit (info);
  member->description = plant_rpc_property_info_get_description (info);
}

static gboolean
add_property (Model                 *model,
              PlantRpcPropertyInfo  *info,
              GError               **error)
{
  const Kind *kind = kind_of_property (info);
  g_autofree char *snake = identifiers_for_property (model, info, kind->verb, error);
  Member *member;

  if (snake == NULL)
    return FALSE;
  member = member_new (model, snake, gobject_name (model, plant_rpc_property_info_get_name (info)),
                       plant_rpc_property_info_get_wire_name (info));
  set_property (member, info);
  member->kind = kind;
  g_ptr_array_add (model->properties, member);
  scope_set (member->scope, "property", member->name);
  scope_set (member->scope, "verb", kind->verb);
  scope_set (member->scope, "zero", kind->zero);
  scope_set (member->scope, "suffix", kind->value_suffix);
  scope_set (member->scope, "give", kind->give);
  scope_set (member->scope, "in_doc", kind_is_pointer (kind) ? " (nullable):" : "");
  scope_take (member->scope, "out_doc",
              *kind->out_doc != '\0' ? g_strdup_printf (" %s:", kind->out_doc) : g_strdup (""));
  scope_set (member->scope, "getter", identifiers_get_getter (model, member));
  set_types (model, member);
  if (member->writable)
    set_handler (model, member);
  return TRUE;
}

/* What notify is sent as, or tells on the other side, needs no signal. */
static gboolean
is_notify (Model              *model,
           PlantRpcSignalInfo *info)
{
  const char *name = plant_rpc_signal_info_get_property (info);
  const char *signature = plant_rpc_signal_info_get_signature (info);
  PlantRpcPropertyInfo *property;
  g_autofree char *usual = NULL;

  if (name == NULL)
    return FALSE;
  property = plant_rpc_interface_info_lookup_property (model->info, name);
  usual = plant_rpc_names_change_signal (plant_rpc_property_info_get_wire_name (property));
  return plant_rpc_signal_info_get_implicit (info) ||
         (g_str_equal (usual, plant_rpc_signal_info_get_wire_name (info)) &&
          (signature == NULL || g_variant_type_n_items (G_VARIANT_TYPE (signature)) <= 1));
}

static gboolean
add_signal (Model               *model,
            PlantRpcSignalInfo  *info,
            GError             **error)
{
  const char *wire_name = plant_rpc_signal_info_get_wire_name (info);
  const char *signature = plant_rpc_signal_info_get_signature (info);
  g_autofree char *snake = NULL;
  Member *member;

  if (is_notify (model, info))
    return TRUE;
  if (signature == NULL)
    {
      g_autofree char *quoted = plant_rpc_names_quote (wire_name);

      g_printerr ("%s: the signal %s is left out: nobody tells the types of its arguments\n",
                  g_get_prgname (), quoted);
      return TRUE;
    }
  snake = identifiers_for_signal (model, info, error);
  if (snake == NULL)
    return FALSE;
  member = member_new (model, snake, gobject_name (model, plant_rpc_signal_info_get_name (info)),
                       wire_name);
  member->arguments = g_ptr_array_new_with_free_func (argument_free);
  g_ptr_array_add (model->signals, member);
  scope_set (member->scope, "signal", member->name);
  for (const GVariantType *type = g_variant_type_first (G_VARIANT_TYPE (signature)); type != NULL;
       type = g_variant_type_next (type))
    {
      g_autofree char *type_string = g_variant_type_dup_string (type);

      g_ptr_array_add (member->arguments,
                       argument_new (type_string, NULL, member->arguments->len + 1));
    }
  return TRUE;
}

static gboolean
add_members (Model   *self,
             GError **error)
{
  g_auto (GStrv) methods = plant_rpc_interface_info_list_methods (self->info);
  g_auto (GStrv) properties = plant_rpc_interface_info_list_properties (self->info);
  g_auto (GStrv) signals = plant_rpc_interface_info_list_signals (self->info);
  gboolean good = TRUE;

  for (guint i = 0; good && properties[i] != NULL; i++)
    good = add_property (
        self, plant_rpc_interface_info_lookup_property (self->info, properties[i]), error);
  for (guint i = 0; good && signals[i] != NULL; i++)
    good = add_signal (self, plant_rpc_interface_info_lookup_signal (self->info, signals[i]),
                       error);
  for (guint i = 0; good && methods[i] != NULL; i++)
    good = add_method (self, plant_rpc_interface_info_lookup_method (self->info, methods[i]),
                       error);
  return good;
}

Model *
model_new (PlantRpcInterfaceInfo  *info,
           const char             *c_namespace,
           const char             *name,
           gboolean                vala,
           GError                **error)
{
  g_autoptr (Model) self = g_new0 (Model, 1);

  self->info = plant_rpc_interface_info_ref (info);
  self->vala = vala;
  self->scope = scope_new (NULL);
  self->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->methods = g_ptr_array_new_with_free_func (member_free);
  self->properties = g_ptr_array_new_with_free_func (member_free);
  self->signals = g_ptr_array_new_with_free_func (member_free);
  if (!identifiers_set_names (self, c_namespace, name, error) || !add_members (self, error))
    return NULL;
  return g_steal_pointer (&self);
}
