/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-signature.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tool-value.h"

static void
parameter_clear (gpointer data)
{
  ToolParameter *self = data;

  g_free (self->name);
  g_free (self->type_string);
}

static const char *
skip_space (const char *at)
{
  while (g_ascii_isspace (*at))
    at++;
  return at;
}

/* Behind “=”: a value in GVariant's text format, of which only the end counts. */
static const char *
skip_default (const char *at,
              const char *type_string)
{
  const GVariantType *type = NULL;
  g_autoptr (GVariant) value = NULL;
  const char *end = NULL;

  at = skip_space (at);
  if (!g_str_equal (type_string, "v"))
    type = G_VARIANT_TYPE (type_string);
  value = g_variant_parse (type, at, NULL, &end, NULL);
  return value != NULL ? skip_space (end) : at + strlen (at);
}

/* The parameters of a signature, as in “lores: b = false, size: (ii) -> d”. */
GArray *
tool_signature_parse (const char *signature)
{
  GArray *parameters = g_array_new (FALSE, FALSE, sizeof (ToolParameter));
  const char *at = skip_space (signature);

  g_array_set_clear_func (parameters, parameter_clear);
  while (*at != '\0' && !g_str_has_prefix (at, "->"))
    {
      ToolParameter parameter = { NULL, NULL };
      const char *end = at + strcspn (at, ":=,- ");

      parameter.name = g_strndup (at, (gsize) (end - at));
      at = skip_space (end);
      if (*at == ':' && g_variant_type_string_scan (skip_space (at + 1), NULL, &end))
        {
          at = skip_space (at + 1);
          parameter.type_string = g_strndup (at, (gsize) (end - at));
          at = skip_space (end);
        }
      else
        {
          parameter.type_string = g_strdup ("v");
        }
      if (*at == '=')
        at = skip_default (at + 1, parameter.type_string);
      g_array_append_val (parameters, parameter);
      if (*at != ',')
        break;
      at = skip_space (at + 1);
    }
  return parameters;
}

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

static const ToolParameter *
find_parameter (GArray     *parameters,
                const char *name)
{
  for (guint i = 0; i < parameters->len; i++)
    {
      ToolParameter *parameter = &g_array_index (parameters, ToolParameter, i);

      if (g_str_equal (parameter->name, name))
        return parameter;
    }
  return NULL;
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

static gboolean
take (GVariantBuilder  *builder,
      const char       *name,
      const char       *text,
      const char       *type_string,
      gboolean          named,
      GError          **error)
{
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
take_positional (GVariantBuilder  *builder,
                 GArray           *parameters,
                 guint             position,
                 const char       *text,
                 GError          **error)
{
  g_autofree char *number = g_strdup_printf ("%u", position + 1);
  const ToolParameter *parameter = NULL;

  if (parameters != NULL && position < parameters->len)
    parameter = &g_array_index (parameters, ToolParameter, position);
  return take (builder, parameter != NULL ? parameter->name : number, text,
               parameter != NULL ? parameter->type_string : NULL, FALSE, error);
}

static gboolean
take_named (GVariantBuilder  *builder,
            GArray           *parameters,
            const char       *name,
            const char       *text,
            GError          **error)
{
  const ToolParameter *parameter = NULL;

  if (parameters != NULL)
    parameter = find_parameter (parameters, name);
  if (parameters != NULL && parameter == NULL)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                   _("there is no argument “%s”; text is '\"%s=…\"'"), name, name);
      return FALSE;
    }
  return take (builder, name, text, parameter != NULL ? parameter->type_string : NULL, TRUE,
               error);
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
  const char *signature = plant_rpc_method_info_get_signature (method);
  g_autoptr (GArray) parameters = signature != NULL ? tool_signature_parse (signature) : NULL;
  g_autoptr (GVariantBuilder) positional = g_variant_builder_new (G_VARIANT_TYPE ("av"));
  g_autoptr (GVariantBuilder) named = g_variant_builder_new (G_VARIANT_TYPE_VARDICT);
  guint position = 0;

  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_autofree char *name = dup_name (texts[i]);

      if (name != NULL
            ? !take_named (named, parameters, name, texts[i] + strlen (name) + 1, error)
            : !take_positional (positional, parameters, position++, texts[i], error))
        return FALSE;
    }
  *args = g_variant_ref_sink (g_variant_builder_end (positional));
  *kwargs = g_variant_ref_sink (g_variant_builder_end (named));
  return TRUE;
}
