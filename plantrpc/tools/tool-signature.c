/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-signature.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tool-value.h"

char *
tool_signature_dup_parameters (PlantRpcMethodInfo *method)
{
  const char *signature = plant_rpc_method_info_get_signature (method);

  if (signature == NULL)
    return NULL;
  /* No type has an arrow in it, so that it is the last one. */
  if (plant_rpc_method_info_get_return_type (method) != NULL)
    return g_strchomp (g_strndup (signature,
                                  (gsize) (g_strrstr (signature, "->") - signature)));
  return g_strdup (signature);
}

static PlantRpcParameterInfo *
find_parameter (PlantRpcMethodInfo *method,
                const char         *name)
{
  PlantRpcParameterInfo *parameter;

  for (guint i = 0; (parameter = plant_rpc_method_info_get_parameter (method, i)) != NULL; i++)
    {
      if (g_str_equal (plant_rpc_parameter_info_get_name (parameter), name))
        break;
    }
  return parameter;
}

/* The NAME of “NAME=VALUE”; NULL for what is no such thing. */
static char *
dup_name (const char *text)
{
  const char *end = text;

  while (g_ascii_isalnum (*end) || *end == '_')
    end++;
  if (*end != '=' || end == text || g_ascii_isdigit (*text))
    return NULL;
  return g_strndup (text, (gsize) (end - text));
}

/* PARAMETER may be NULL, and then the text alone tells the type. */
static gboolean
take (GVariantBuilder        *builder,
      PlantRpcParameterInfo  *parameter,
      const char             *name,
      const char             *text,
      gboolean                named,
      GError                **error)
{
  const char *type_string =
    parameter != NULL ? plant_rpc_parameter_info_get_type_string (parameter) : NULL;
  g_autoptr (GVariant) value = tool_value_parse (text, type_string, error);

  if (value == NULL)
    {
      g_prefix_error (error, _("argument “%s”: "), name);
      return FALSE;
    }
  if (named)
    g_variant_builder_add (builder, "{sv}", name, value);
  else
    g_variant_builder_add (builder, "v", value);
  return TRUE;
}

static gboolean
take_positional (GVariantBuilder     *builder,
                 PlantRpcMethodInfo  *method,
                 guint                position,
                 const char          *text,
                 GError             **error)
{
  PlantRpcParameterInfo *parameter = plant_rpc_method_info_get_parameter (method, position);
  g_autofree char *number = g_strdup_printf ("%u", position + 1);

  return take (builder, parameter,
               parameter != NULL ? plant_rpc_parameter_info_get_name (parameter) : number, text,
               FALSE, error);
}

static gboolean
take_named (GVariantBuilder     *builder,
            PlantRpcMethodInfo  *method,
            const char          *name,
            const char          *text,
            GError             **error)
{
  PlantRpcParameterInfo *parameter = find_parameter (method, name);

  if (parameter == NULL && plant_rpc_method_info_get_n_parameters (method) >= 0)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                   _("there is no argument “%s”; text is '\"%s=…\"'"), name, name);
      return FALSE;
    }
  return take (builder, parameter, name, text, TRUE, error);
}

/* What was typed, as arguments. “name=value” is a named one. What is missing or too much is for the
 * device to say. */
gboolean
tool_signature_bind (PlantRpcMethodInfo  *method,
                     char               **texts,
                     GVariant           **args,
                     GVariant           **kwargs,
                     GError             **error)
{
  g_autoptr (GVariantBuilder) positional = g_variant_builder_new (G_VARIANT_TYPE ("av"));
  g_autoptr (GVariantBuilder) named = g_variant_builder_new (G_VARIANT_TYPE_VARDICT);
  guint position = 0;

  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_autofree char *name = dup_name (texts[i]);

      if (name != NULL
            ? !take_named (named, method, name, texts[i] + strlen (name) + 1, error)
            : !take_positional (positional, method, position++, texts[i], error))
        return FALSE;
    }
  *args = g_variant_ref_sink (g_variant_builder_end (positional));
  *kwargs = g_variant_ref_sink (g_variant_builder_end (named));
  return TRUE;
}
