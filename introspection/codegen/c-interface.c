/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "c.h"
#include "plant-rpc-names-private.h"
#include "text.h"

#define FILE_NAME "source.tmpl"

static void
append_enum (GString *out,
             Member  *member)
{
  g_autoptr (GString) rows = g_string_new (NULL);

  for (guint i = 0; member->choices[i] != NULL; i++)
    {
      g_autofree char *key = g_strdup_printf ("choice-%u", i);
      const char *identifier = scope_get (member->scope, key);
      g_autofree char *nick = text_to_c_literal (member->choices[i]);

      g_string_append_printf (rows, "    { %s%s, \"%s\", %s },\n",
                              member->kind == kind_flags () ? "(guint) " : "", identifier,
                              identifier, nick);
    }
  scope_set (member->scope, "rows", rows->str);
  template_append_block (out, FILE_NAME, "enum", member->scope);
}

static char *
c_timeout (int timeout)
{
  if (timeout == PLANT_RPC_TIMEOUT_NONE)
    return g_strdup ("PLANT_RPC_TIMEOUT_NONE");
  if (timeout == PLANT_RPC_TIMEOUT_DEFAULT)
    return g_strdup ("PLANT_RPC_TIMEOUT_DEFAULT");
  return g_strdup_printf ("%d", timeout);
}

static void
declare_method (GString *out,
                Member  *member)
{
  const char *declared = plant_rpc_method_info_get_signature (member->method);
  g_autofree char *signature = declared != NULL ? text_to_c_literal (declared) : g_strdup ("NULL");
  g_autofree char *timeout = c_timeout (plant_rpc_method_info_get_timeout (member->method));

  g_string_append_printf (out, "  plant_rpc_type_declare_method (type, %s, %s, %s, %s);\n",
                          scope_get (member->scope, "wire_literal"), signature,
                          member->buffer ? "TRUE" : "FALSE", timeout);
  scope_set (member->scope, "signature_literal", signature);
  scope_set (member->scope, "timeout", timeout);
}

static void
declare_wire_name (GString    *out,
                   const char *name,
                   const char *wire_name,
                   char       *usual)
{
  g_autofree char *literal = text_to_c_literal (wire_name);

  if (!g_str_equal (usual, wire_name))
    g_string_append_printf (out, "  plant_rpc_type_declare_wire_name (type, \"%s\", %s);\n", name,
                            literal);
  g_free (usual);
}

static void
set_declarations (Model *model)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < model->methods->len; i++)
    declare_method (out, g_ptr_array_index (model->methods, i));
  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = g_ptr_array_index (model->properties, i);
      g_autofree char *unit = member->unit != NULL ? text_to_c_literal (member->unit) : NULL;
      char step[G_ASCII_DTOSTR_BUF_SIZE];

      declare_wire_name (out, member->name, member->wire_name,
                         plant_rpc_names_property_to_wire (member->name));
      if (unit != NULL)
        g_string_append_printf (out, "  plant_rpc_type_declare_unit (type, \"%s\", %s);\n",
                                member->name, unit);
      if (member->step > 0)
        g_string_append_printf (out, "  plant_rpc_type_declare_step (type, \"%s\", %s);\n",
                                member->name,
                                g_ascii_dtostr (step, sizeof step, member->step));
    }
  for (guint i = 0; i < model->signals->len; i++)
    {
      Member *member = g_ptr_array_index (model->signals, i);

      declare_wire_name (out, member->name, member->wire_name,
                         plant_rpc_names_signal_to_wire (member->name));
    }
  scope_set (model->scope, "declarations", out->str);
}

static void
set_members (Model *model)
{
  g_autoptr (GString) pspecs = g_string_new (NULL);
  g_autoptr (GString) signals = g_string_new (NULL);

  for (guint i = 0; i < model->properties->len; i++)
    {
      g_autofree char *pspec = c_param_spec (g_ptr_array_index (model->properties, i));

      g_string_append_printf (pspecs, "  g_object_interface_install_property (\n      iface,\n"
                              "      %s);\n", pspec);
    }
  for (guint i = 0; i < model->signals->len; i++)
    {
      Member *member = g_ptr_array_index (model->signals, i);

      g_string_append_printf (signals, "  g_signal_new (\"%s\", G_TYPE_FROM_INTERFACE (iface), "
                              "G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,\n                "
                              "G_TYPE_NONE, %u", member->name, member->arguments->len);
      for (guint j = 0; j < member->arguments->len; j++)
        {
          Argument *argument = g_ptr_array_index (member->arguments, j);

          g_string_append_printf (signals, ", %s", argument->kind->gtype);
        }
      g_string_append (signals, ");\n");
    }
  scope_set (model->scope, "pspecs", pspecs->str);
  scope_set (model->scope, "signals", signals->str);
}

static gboolean
has_variants (Model *model)
{
  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = g_ptr_array_index (model->properties, i);

      if (member->kind == kind_variant () && member->default_value != NULL)
        return TRUE;
    }
  return FALSE;
}

static void
append_accessors (GString *out,
                  Model   *model)
{
  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = g_ptr_array_index (model->properties, i);

      if (member->readable)
        template_append_block (out, FILE_NAME, "getter-value", member->scope);
      if (member->writable)
        template_append_block (out, FILE_NAME, "setter", member->scope);
    }
  for (guint i = 0; i < model->signals->len; i++)
    {
      Member *member = g_ptr_array_index (model->signals, i);
      g_autoptr (GString) values = g_string_new (NULL);

      for (guint j = 0; j < member->arguments->len; j++)
        {
          Argument *argument = g_ptr_array_index (member->arguments, j);

          g_string_append_printf (values, ", %s", argument->identifier);
        }
      scope_set (member->scope, "values", values->str);
      template_append_block (out, FILE_NAME, "emit", member->scope);
    }
}

void
c_append_interface (GString *out,
                    Model   *model)
{
  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = g_ptr_array_index (model->properties, i);

      if (member->choices != NULL)
        append_enum (out, member);
    }
  if (has_variants (model))
    template_append_block (out, FILE_NAME, "new-variant", model->scope);
  set_declarations (model);
  set_members (model);
  template_append_block (out, FILE_NAME, "interface", model->scope);
  append_accessors (out, model);
}
