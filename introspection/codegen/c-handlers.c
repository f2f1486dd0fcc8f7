/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "c.h"
#include "text.h"

#define FILE_NAME "skeleton.tmpl"

/* How an argument is read from the GVariant called VALUE. */
static char *
read_value (const Kind *kind,
            const char *value)
{
  g_auto (GStrv) parts = NULL;

  if (kind->from_variant == NULL)
    return g_strdup (value);
  parts = g_strsplit (kind->from_variant, "%s", 2);
  return g_strconcat (parts[0], value, parts[1], NULL);
}

static void
add_argument (GString  *values,
              GString  *arguments,
              Argument *argument,
              guint     index)
{
  g_autofree char *value = g_strdup_printf ("value_%u", index);
  g_autofree char *read = read_value (argument->kind, value);

  g_string_append_printf (values, "  g_autoptr(GVariant) %s = dup_argument (invocation, %u);\n",
                          value, index);
  if (kind_is_list (argument->kind))
    {
      g_string_append_printf (values, "  g_autofree const char **list_%u = "
                              "g_variant_get_strv (%s, NULL);\n", index, value);
      g_string_append_printf (arguments, ", list_%u", index);
    }
  else
    g_string_append_printf (arguments, ",\n                 %s", read);
}

static void
append_handler (GString *out,
                Member  *member)
{
  g_autoptr (GString) values = g_string_new (NULL);
  g_autoptr (GString) arguments = g_string_new (NULL);

  if (member_is_raw (member))
    g_string_append (arguments, ",\n                 plant_rpc_invocation_get_args (invocation),\n"
                     "                 plant_rpc_invocation_get_kwargs (invocation)");
  for (guint i = 0; i < member->arguments->len; i++)
    add_argument (values, arguments, g_ptr_array_index (member->arguments, i), i);
  scope_set (member->scope, "values", values->str);
  scope_set (member->scope, "arguments", arguments->str);
  template_append_block (out, FILE_NAME, "handle", member->scope);
  template_append_block (out, FILE_NAME, member->buffer ? "complete-buffer" : "complete-value",
                         member->scope);
}

static char *
read_written (Member *member)
{
  if (member->kind == kind_enum () || member->kind == kind_flags ())
    return g_strdup_printf ("read_%s (value, %s)", member->kind->value_suffix,
                            scope_get (member->scope, "ENUM_TYPE"));
  if (member->kind == kind_of ("s"))
    return g_strdup ("read_text (value)");
  if (kind_is_list (member->kind))
    return g_strdup ("list");
  return read_value (member->kind, "value");
}

/* FALSE if there is no property that a client may write. */
static gboolean
append_writes (GString *out,
               Model   *model)
{
  gboolean some = FALSE;

  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = g_ptr_array_index (model->properties, i);

      if (!member->writable)
        continue;
      if (!some)
        template_append_block (out, FILE_NAME, "write-head", model->scope);
      some = TRUE;
      scope_set (member->scope, "keep", !kind_is_list (member->kind) ? ""
                 : "      g_autofree const char **list = g_variant_get_strv (value, NULL);\n\n");
      scope_take (member->scope, "read", read_written (member));
      template_append (out, FILE_NAME, "write-case", member->scope);
    }
  if (some)
    template_append (out, FILE_NAME, "write-tail", model->scope);
  return some;
}

static void
append_offer (GString  *out,
              Model    *model,
              gboolean  writes)
{
  g_autoptr (GString) registers = g_string_new (NULL);

  for (guint i = 0; i < model->methods->len; i++)
    {
      Member *member = g_ptr_array_index (model->methods, i);

      template_append (registers, FILE_NAME, "register", member->scope);
    }
  if (writes)
    template_append (registers, FILE_NAME, "write-handler", model->scope);
  scope_set (model->scope, "registers", registers->str);
  template_append_block (out, FILE_NAME, "offer", model->scope);
}

void
c_append_handlers (GString *out,
                   Model   *model)
{
  gboolean writes;

  if (model_has_arguments (model))
    template_append_block (out, FILE_NAME, "dup-argument", model->scope);
  for (guint i = 0; i < model->methods->len; i++)
    append_handler (out, g_ptr_array_index (model->methods, i));
  writes = append_writes (out, model);
  append_offer (out, model, writes);
}
