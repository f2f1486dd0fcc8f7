/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "c.h"
#include "identifiers.h"
#include "text.h"

#define FILE_NAME "header.tmpl"

static void
append (GString    *out,
        const char *section,
        Scope      *scope)
{
  template_append (out, FILE_NAME, section, scope);
  g_string_append_c (out, '\n');
}

static char *
doc_of (Argument *argument)
{
  gboolean pointer = kind_is_pointer (argument->kind);
  const char *list = g_str_equal (argument->type_string, "as") ? " (array zero-terminated=1)" : "";
  g_autofree char *preset = NULL;
  g_autofree char *about = NULL;

  if (argument->preset != NULL)
    {
      g_autofree char *text = g_variant_print (argument->preset, FALSE);
      g_autofree char *harmless = text_to_comment (text);

      preset = g_strdup_printf (pointer ? "; %%NULL: %s" : ", usually %s", harmless);
    }
  about = g_strdup_printf ("@%s:%s%s%s a value of type `%s`%s", argument->identifier,
                           argument_is_omittable (argument) ? " (nullable)" : "", list,
                           argument_is_omittable (argument) || *list != '\0' ? ":" : "",
                           argument->type_string, preset != NULL ? preset : "");
  return text_wrap (" * ", about);
}

static void
set_arguments_of (Member *member)
{
  g_autoptr (GString) params = g_string_new (NULL);
  g_autoptr (GString) docs = g_string_new (NULL);

  for (guint i = 0; i < member->arguments->len; i++)
    {
      Argument *argument = g_ptr_array_index (member->arguments, i);
      g_autofree char *doc = doc_of (argument);

      g_string_append_printf (params, ",\n    %s%s", argument->kind->c_in, argument->identifier);
      g_string_append (docs, doc);
    }
  scope_set (member->scope, "params", params->str);
  scope_set (member->scope, "param_docs", docs->str);
}

static void
set_raw_arguments (Member *member)
{
  scope_set (member->scope, "params", ",\n    GVariant *args,\n    GVariant *kwargs");
  scope_set (member->scope, "param_docs",
             " * @args: (nullable): the positional arguments, as a tuple or `av`; sunk\n"
             " * @kwargs: (nullable): the named arguments, as `a{sv}`; sunk\n");
}

static void
set_arguments (Model *model)
{
  for (guint i = 0; i < model->signals->len; i++)
    set_arguments_of (g_ptr_array_index (model->signals, i));
  for (guint i = 0; i < model->methods->len; i++)
    {
      Member *member = g_ptr_array_index (model->methods, i);

      if (member_is_raw (member))
        set_raw_arguments (member);
      else
        set_arguments_of (member);
      if (!member->buffer)
        c_set_result (member);
    }
}

static void
append_enum (GString *out,
             Model   *model,
             Member  *member)
{
  g_autoptr (GString) docs = g_string_new (NULL);
  g_autoptr (GString) values = g_string_new (NULL);

  for (guint i = 0; member->choices[i] != NULL; i++)
    {
      char *identifier = identifiers_for_choice (model, member, i);
      g_autofree char *nick = text_to_comment (member->choices[i]);
      int value = member_get_number (member, i);
      g_autofree char *number = value == G_MININT ? g_strdup ("(-2147483647 - 1)")
                                                  : g_strdup_printf ("%d", value);
      g_autofree char *key = g_strdup_printf ("choice-%u", i);

      scope_take (member->scope, g_intern_string (key), identifier);
      g_string_append_printf (docs, " * @%s: “%s”\n", identifier, nick);
      g_string_append_printf (values, "  %s = %s,\n", identifier, number);
    }
  scope_set (member->scope, "enumerator_docs", docs->str);
  scope_set (member->scope, "enumerators", values->str);
  append (out, "enum", member->scope);
}

/* What people may read of a property, in the words of the device. */
static char *
doc_of_property (Member *member)
{
  g_autofree char *words =
    text_to_comment (member->description != NULL ? member->description : "");
  g_autofree char *unit = text_to_comment (member->unit != NULL ? member->unit : "");
  g_autofree char *wire = text_to_comment (member->wire_name);
  g_autofree char *all = g_strdup_printf ("The property that travels as `%s`%s%s%s%s%s", wire,
                                          *unit != '\0' ? ", in " : "", unit,
                                          *words != '\0' ? ": “" : "", words,
                                          *words != '\0' ? "”." : ".");

  return text_wrap (" * ", all);
}

static void
append_properties (GString *out,
                   Model   *model)
{
  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = g_ptr_array_index (model->properties, i);

      scope_take (member->scope, "doc", doc_of_property (member));
      scope_set (member->scope, "annotation", "");
      append (out, "property-doc", member->scope);
      if (member->readable)
        append (out, "getter", member->scope);
      if (member->writable)
        append (out, "setter", member->scope);
    }
}

static void
append_client (GString *out,
               Model   *model)
{
  append (out, "client", model->scope);
  scope_set (model->scope, "how", "url");
  append (out, "client-connect-end", model->scope);
  scope_set (model->scope, "how", "device");
  append (out, "client-connect-end", model->scope);
  append (out, "client-connect-sync", model->scope);
  for (guint i = 0; i < model->methods->len; i++)
    {
      Member *member = g_ptr_array_index (model->methods, i);

      append (out, "call", member->scope);
      append (out, member->buffer ? "call-finish-buffer" : "call-finish-value", member->scope);
      append (out, member->buffer ? "call-sync-buffer" : "call-sync-value", member->scope);
    }
}

/* A virtual function of the skeleton. */
static void
append_slot (GString    *slots,
             GString    *docs,
             Model      *model,
             const char *name,
             const char *params)
{
  const char *type = scope_get (model->scope, "Type");

  g_string_append_printf (slots, "\n  gboolean (*handle_%s) (\n    %sSkeleton *self,\n    "
                          "PlantRpcInvocation *invocation%s);\n", name, type, params);
  g_string_append_printf (docs, " * @handle_%s: the default handler of that signal\n", name);
}

static void
set_slots (Model *model)
{
  g_autoptr (GString) slots = g_string_new (NULL);
  g_autoptr (GString) docs = g_string_new (NULL);

  for (guint i = 0; i < model->methods->len; i++)
    {
      Member *member = g_ptr_array_index (model->methods, i);

      append_slot (slots, docs, model, scope_get (member->scope, "member"),
                   scope_get (member->scope, "params"));
    }
  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = g_ptr_array_index (model->properties, i);
      g_autofree char *name = g_strconcat ("write_", scope_get (member->scope, "member"), NULL);
      const char *type = scope_get (member->scope, "c_in");
      g_autofree char *param = g_strconcat (",\n    ", type, "value", NULL);

      if (member->writable)
        append_slot (slots, docs, model, name, param);
    }
  scope_set (model->scope, "slots", slots->str);
  scope_set (model->scope, "slot_docs", docs->str);
}

static void
append_skeleton (GString *out,
                 Model   *model)
{
  set_slots (model);
  append (out, "skeleton", model->scope);
  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = g_ptr_array_index (model->properties, i);

      append (out, "store", member->scope);
      if (member->writable)
        append (out, "handle-write", member->scope);
    }
  for (guint i = 0; i < model->methods->len; i++)
    {
      Member *member = g_ptr_array_index (model->methods, i);

      append (out, "handle", member->scope);
      append (out, member->buffer ? "complete-buffer" : "complete-value", member->scope);
    }
}

char *
c_write_header (Model *model)
{
  GString *out = g_string_new (NULL);

  set_arguments (model);
  append (out, "head", model->scope);
  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = g_ptr_array_index (model->properties, i);

      if (member->choices != NULL)
        append_enum (out, model, member);
    }
  append (out, "interface", model->scope);
  append_properties (out, model);
  for (guint i = 0; i < model->signals->len; i++)
    append (out, "signal", ((Member *) g_ptr_array_index (model->signals, i))->scope);
  append_client (out, model);
  append_skeleton (out, model);
  template_append (out, FILE_NAME, "tail", model->scope);
  return g_string_free (out, FALSE);
}
