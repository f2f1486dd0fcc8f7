/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "c.h"
#include "text.h"

#define FILE_NAME "skeleton.tmpl"

static gboolean
is_list (Member *member)
{
  return kind_is_list (member->kind);
}

static gboolean
is_text (Member *member)
{
  return member->kind == kind_of ("s");
}

static Member *
nth_property (Model *model,
              guint  index)
{
  return g_ptr_array_index (model->properties, index);
}

/* How a value is compared, kept and handed out: in the words of C, with FIELD for where it is. */
typedef struct {
  const char *differs;
  const char *keep;    /* of a pointer: a copy of "value" */
  const char *copy;
  const char *free;
} Storage;

static const Storage text_storage = {
  "g_strcmp0 (FIELD, value) != 0", "g_strdup (value)", "g_strdup (FIELD)", "g_free"
};
static const Storage list_storage = {
  "!list_equal ((const char *const *) FIELD, value)", "g_strdupv ((char **) value)",
  "g_strdupv (FIELD)", "g_strfreev"
};
static const Storage variant_storage = {
  "!variant_equal (FIELD, value)", "value != NULL ? g_variant_ref (value) : NULL",
  "FIELD != NULL ? g_variant_ref (FIELD) : NULL", "g_variant_unref"
};
static const Storage double_storage = { "!double_equal (FIELD, value)", NULL, "FIELD", NULL };
static const Storage plain_storage = { "FIELD != value", NULL, "FIELD", NULL };

static const Storage *
storage_of (Member *member)
{
  if (is_text (member))
    return &text_storage;
  if (is_list (member))
    return &list_storage;
  if (member->kind == kind_variant ())
    return &variant_storage;
  return member->kind == kind_of ("d") ? &double_storage : &plain_storage;
}

static char *
fill (const char *text,
      const char *field)
{
  g_auto (GStrv) parts = g_strsplit (text, "FIELD", -1);

  return g_strjoinv (field, parts);
}

static void
set_storage (Member *member)
{
  const Storage *storage = storage_of (member);
  g_autofree char *field = g_strconcat ("priv->value_", scope_get (member->scope, "member"), NULL);
  gboolean variant = member->kind == kind_variant ();
  g_autoptr (GString) replace = g_string_new (NULL);

  if (kind_is_pointer (member->kind))
    g_string_append_printf (replace, "      g_clear_pointer (&%s, %s);\n", field, storage->free);
  g_string_append_printf (replace, "      %s = %s;\n", field,
                          storage->keep != NULL ? storage->keep : "value");
  scope_take (member->scope, "differs", fill (storage->differs, field));
  scope_take (member->scope, "copy", fill (storage->copy, field));
  scope_set (member->scope, "replace", replace->str);
  scope_set (member->scope, "before", variant ? "  if (value != NULL)\n"
                                                "    g_variant_ref_sink (value);\n" : "");
  scope_set (member->scope, "after", variant ? "  g_clear_pointer (&value, g_variant_unref);\n"
                                             : "");
}

static void
append_private (GString *out,
                Model   *model)
{
  g_autoptr (GString) fields = g_string_new (NULL);
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < model->properties->len; i++)
    {
      Scope *scope = nth_property (model, i)->scope;

      g_string_append_printf (fields, "  %svalue_%s;\n", scope_get (scope, "c_field"),
                              scope_get (scope, "member"));
      g_string_append_printf (ids, "  PROP_%s%s,\n", scope_get (scope, "ID"), i == 0 ? " = 1" : "");
    }
  if (ids->len > 0)
    {
      g_string_prepend (ids, "enum\n{\n");
      g_string_append (ids, "};\n\n");
    }
  scope_set (model->scope, "fields", fields->str);
  scope_set (model->scope, "ids", ids->str);
  scope_take (model->scope, "handler_ids", model->n_handlers == 0 ? g_strdup ("")
              : g_strdup_printf ("static guint handler_signals[%u];\n\n", model->n_handlers));
  template_append_block (out, FILE_NAME, "private", model->scope);
}

static gboolean
any_property (Model    *model,
              gboolean (*holds) (Member *member))
{
  for (guint i = 0; i < model->properties->len; i++)
    {
      if (holds (nth_property (model, i)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_variant (Member *member)
{
  return member->kind == kind_variant ();
}

static gboolean
is_double (Member *member)
{
  return member->kind == kind_of ("d");
}

static gboolean
is_written_text (Member *member)
{
  return is_text (member) && member->writable;
}

static gboolean
is_written_enum (Member *member)
{
  return member->kind == kind_enum () && member->writable;
}

static gboolean
is_written_flags (Member *member)
{
  return member->kind == kind_flags () && member->writable;
}

static const struct {
  gboolean  (*holds) (Member *member);
  const char *section;
} helpers[] = {
  { is_list, "list-equal" },
  { is_variant, "variant-equal" },
  { is_double, "double-equal" },
  { is_written_text, "read-text" },
  { is_written_enum, "read-enum" },
  { is_written_flags, "read-flags" },
};

static void
append_helpers (GString *out,
                Model   *model)
{
  for (guint i = 0; i < G_N_ELEMENTS (helpers); i++)
    {
      if (any_property (model, helpers[i].holds))
        template_append_block (out, FILE_NAME, helpers[i].section, model->scope);
    }
}

static void
append_access (GString *out,
               Model   *model)
{
  g_autofree char *self = template_fill (FILE_NAME, "access-self", model->scope);
  g_autoptr (GString) get = g_string_new (NULL);
  g_autoptr (GString) set = g_string_new (NULL);

  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = nth_property (model, i);

      if (member->readable)
        template_append (get, FILE_NAME, "get-case", member->scope);
      if (member->writable)
        template_append (set, FILE_NAME, "set-case", member->scope);
    }
  scope_set (model->scope, "self", get->len > 0 ? self : "");
  scope_set (model->scope, "self_set", set->len > 0 ? self : "");
  scope_set (model->scope, "get_cases", get->str);
  scope_set (model->scope, "set_cases", set->str);
  template_append_block (out, FILE_NAME, "access", model->scope);
}

static void
append_method_handler (GString *handlers,
                       Member  *member)
{
  g_autoptr (GString) types =
    g_string_new (member_is_raw (member) ? ", G_TYPE_VARIANT, G_TYPE_VARIANT" : "");
  guint n_types = member_is_raw (member) ? 3 : member->arguments->len + 1;

  for (guint i = 0; i < member->arguments->len; i++)
    {
      Argument *argument = g_ptr_array_index (member->arguments, i);

      g_string_append_printf (types, ", %s", argument->kind->gtype);
    }
  scope_set (member->scope, "types", types->str);
  scope_take (member->scope, "n_types", g_strdup_printf ("%u", n_types));
  template_append (handlers, FILE_NAME, "handler-signal", member->scope);
}

static void
append_write_handler (GString *handlers,
                      Member  *member)
{
  g_autoptr (Scope) scope = scope_new (member->scope);
  const char *type = member->choices != NULL ? scope_get (scope, "ENUM_TYPE")
                                                       : member->kind->gtype;

  scope_take (scope, "signal", g_strconcat ("write-", scope_get (scope, "property"), NULL));
  scope_take (scope, "types", g_strconcat (", ", type, NULL));
  scope_set (scope, "n_types", "2");
  scope_take (scope, "member", g_strconcat ("write_", scope_get (member->scope, "member"), NULL));
  template_append (handlers, FILE_NAME, "handler-signal", scope);
}

/* Signals of a skeleton: one for each method, and for each property that clients may write. */
static char *
list_handlers (Model *model)
{
  GString *handlers = g_string_new (NULL);

  for (guint i = 0; i < model->methods->len; i++)
    append_method_handler (handlers, g_ptr_array_index (model->methods, i));
  for (guint i = 0; i < model->properties->len; i++)
    {
      if (nth_property (model, i)->writable)
        append_write_handler (handlers, nth_property (model, i));
    }
  return g_string_free (handlers, FALSE);
}

static char *
list_defaults (Model *model)
{
  GString *defaults = g_string_new (NULL);

  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = nth_property (model, i);
      g_autofree char *value = c_value (member, member->default_value);
      const char *name = scope_get (member->scope, "member");

      if (g_str_equal (value, member->kind->zero))
        continue;
      if (is_text (member))
        g_string_append_printf (defaults, "  priv->value_%s = g_strdup (%s);\n", name, value);
      else if (is_list (member))
        g_string_append_printf (defaults, "  priv->value_%s = g_strdupv ((char **) %s);\n", name,
                                value);
      else if (is_variant (member))
        g_string_append_printf (defaults, "  priv->value_%s = g_variant_ref_sink (%s);\n", name,
                                value);
      else
        g_string_append_printf (defaults, "  priv->value_%s = %s;\n", name, value);
    }
  return g_string_free (defaults, FALSE);
}

static void
append_class (GString *out,
              Model   *model)
{
  g_autoptr (GString) overrides = g_string_new (NULL);
  g_autoptr (GString) clears = g_string_new (NULL);
  const char *type = scope_get (model->scope, "type");

  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = nth_property (model, i);

      g_string_append_printf (overrides, "  g_object_class_override_property (object_class, "
                              "PROP_%s, \"%s\");\n", scope_get (member->scope, "ID"),
                              member->name);
      if (kind_is_pointer (member->kind))
        g_string_append_printf (clears, "  g_clear_pointer (&priv->value_%s, %s);\n",
                                scope_get (member->scope, "member"), storage_of (member)->free);
    }
  scope_take (model->scope, "access", model->properties->len == 0 ? g_strdup ("")
              : g_strdup_printf ("  object_class->get_property = %s_skeleton_get_property;\n"
                                 "  object_class->set_property = %s_skeleton_set_property;\n\n",
                                 type, type));
  scope_set (model->scope, "overrides", overrides->str);
  scope_set (model->scope, "clears", clears->str);
  scope_take (model->scope, "handlers", list_handlers (model));
  scope_take (model->scope, "defaults", list_defaults (model));
  template_append_block (out, FILE_NAME, "class", model->scope);
}

void
c_append_skeleton (GString *out,
                   Model   *model)
{
  append_private (out, model);
  append_helpers (out, model);
  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = nth_property (model, i);

      set_storage (member);
      template_append_block (out, FILE_NAME, "store", member->scope);
    }
  if (model->properties->len > 0)
    append_access (out, model);
  append_class (out, model);
  c_append_handlers (out, model);
}
