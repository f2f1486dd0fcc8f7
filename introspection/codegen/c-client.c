/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "c.h"
#include "text.h"

#define FILE_NAME "source.tmpl"

/* An argument as a GVariant, floating or not. */
static char *
to_variant (Argument *argument)
{
  const char *format = argument->kind->to_variant;
  g_auto (GStrv) parts = NULL;

  if (format == NULL)
    return g_strdup (argument->identifier);
  parts = g_strsplit (format, "%s", 2);
  return g_strconcat (parts[0], argument->identifier, parts[1], NULL);
}

static void
append_named (GString  *pack,
              Argument *argument)
{
  g_autofree char *value = to_variant (argument);
  g_autofree char *name = text_to_c_literal (argument->wire_name);

  if (argument_is_omittable (argument))
    g_string_append_printf (pack, "  if (%s != NULL)\n  ", argument->identifier);
  g_string_append_printf (pack, "  g_variant_builder_add (&kwargs, \"{sv}\", %s, %s);\n", name,
                          value);
}

static void
set_packing (Member *member)
{
  guint n_placed = member_count_placed (member);
  g_autoptr (GString) declare = g_string_new (NULL);
  g_autoptr (GString) pack = g_string_new (NULL);

  if (n_placed > 0)
    g_string_append (declare, "  GVariantBuilder args = G_VARIANT_BUILDER_INIT "
                     "(G_VARIANT_TYPE_TUPLE);\n");
  if (n_placed < member->arguments->len)
    g_string_append (declare, "  GVariantBuilder kwargs = G_VARIANT_BUILDER_INIT "
                     "(G_VARIANT_TYPE_VARDICT);\n");
  for (guint i = 0; i < member->arguments->len; i++)
    {
      Argument *argument = g_ptr_array_index (member->arguments, i);
      g_autofree char *value = to_variant (argument);

      if (i < n_placed)
        g_string_append_printf (pack, "  g_variant_builder_add_value (&args, %s);\n", value);
      else
        append_named (pack, argument);
    }
  if (declare->len > 0)
    g_string_append_c (declare, '\n');
  scope_set (member->scope, "declare", declare->str);
  scope_set (member->scope, "pack", pack->str);
  scope_set (member->scope, "args", n_placed > 0 ? "g_variant_builder_end (&args)" : "NULL");
  scope_set (member->scope, "kwargs", n_placed < member->arguments->len
                                        ? "g_variant_builder_end (&kwargs)" : "NULL");
}

static void
set_raw_packing (Member *member)
{
  scope_set (member->scope, "declare", "");
  scope_set (member->scope, "pack", "");
  scope_set (member->scope, "args", "args");
  scope_set (member->scope, "kwargs", "kwargs");
}

static void
set_checks (Member *member)
{
  g_autoptr (GString) checks = g_string_new (NULL);
  g_autoptr (GString) checks_val = g_string_new (NULL);
  const char *failed =
    member->buffer ? "NULL" : scope_get (member->scope, "failed");

  for (guint i = 0; i < member->arguments->len; i++)
    {
      Argument *argument = g_ptr_array_index (member->arguments, i);

      if (!kind_is_pointer (argument->kind) || argument_is_omittable (argument))
        continue;
      g_string_append_printf (checks, "  g_return_if_fail (%s != NULL);\n", argument->identifier);
      g_string_append_printf (checks_val, "  g_return_val_if_fail (%s != NULL, %s);\n",
                              argument->identifier, failed);
    }
  scope_set (member->scope, "checks", checks->str);
  scope_set (member->scope, "checks_val", checks_val->str);
}

/* Where the result is kept until it has been read. */
static void
set_kept (Member *member)
{
  gboolean kept = *scope_get (member->scope, "hand") != '\0';
  gboolean alone = *scope_get (member->scope, "declare") == '\0';

  scope_set (member->scope, "kept", kept ? "  g_autoptr(GVariant) value = NULL;\n\n" : "");
  scope_set (member->scope, "kept_sync", !kept ? ""
             : alone ? "  g_autoptr(GVariant) value = NULL;\n\n"
                     : "  g_autoptr(GVariant) value = NULL;\n");
}

void
c_append_client (GString *out,
                 Model   *model)
{
  template_append_block (out, FILE_NAME, "client", model->scope);
  for (guint i = 0; i < model->methods->len; i++)
    {
      Member *member = g_ptr_array_index (model->methods, i);

      if (member_is_raw (member))
        set_raw_packing (member);
      else
        set_packing (member);
      set_checks (member);
      if (!member->buffer)
        set_kept (member);
      template_append_block (out, FILE_NAME, member->buffer ? "call-buffer" : "call-value",
                             member->scope);
    }
}
