/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-signature-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-value-private.h"

#define ARROW "->"

static void
skip_space (const char **at)
{
  while (g_ascii_isspace (**at))
    (*at)++;
}

static gboolean
skip_char (const char **at,
           char         c)
{
  skip_space (at);
  if (**at != c)
    return FALSE;
  (*at)++;
  skip_space (at);
  return TRUE;
}

static gboolean
read_name (const char            **at,
           PlantRpcParameterInfo  *parameter,
           GError                **error)
{
  const char *end = *at;

  for (gunichar c = g_utf8_get_char (end); c == '_' || g_unichar_isalpha (c) ||
       (end > *at && g_unichar_isalnum (c)); c = g_utf8_get_char (end))
    end = g_utf8_next_char (end);

  if (end == *at)
    {
      g_autofree char *rest = plant_rpc_names_quote (*at);

      return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                                   /* Translators: text in quotes */
                                   _("expected the name of a parameter, got %s"), rest);
    }
  parameter->name = g_strndup (*at, end - *at);
  *at = end;
  return TRUE;
}

static gboolean
read_type (const char            **at,
           PlantRpcParameterInfo  *parameter,
           GError                **error)
{
  const char *end = NULL;

  if (!skip_char (at, ':'))
    {
      parameter->type_string = g_strdup ("v");
      return TRUE;
    }
  if (!g_variant_type_string_scan (*at, NULL, &end) ||
      end - *at > PLANT_RPC_MAX_NAME_LENGTH)
    {
      g_autofree char *rest = plant_rpc_names_quote (*at);

      return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                                   _("parameter “%s”: expected a GVariant type, got %s"),
                                   parameter->name, rest);
    }
  parameter->type_string = g_strndup (*at, end - *at);
  *at = end;
  return plant_rpc_signature_check_type (parameter->type_string, error);
}

/* GVariant's text format has a variant in angle brackets; a bare value is taken for one, too. */
static GVariant *
read_value (const char **at,
            const char  *type_string,
            GError     **error)
{
  g_autoptr (GVariant) value = NULL;
  gboolean any = g_str_equal (type_string, "v");

  if (any && **at != '<')
    return g_variant_parse (NULL, *at, NULL, at, error);

  value = g_variant_parse (G_VARIANT_TYPE (type_string), *at, NULL, at, error);
  if (value == NULL)
    return NULL;
  return any ? g_variant_get_variant (value) : g_steal_pointer (&value);
}

static gboolean
read_default (const char            **at,
              PlantRpcParameterInfo  *parameter,
              GError                **error)
{
  g_autoptr (GError) local_error = NULL;

  if (!skip_char (at, '='))
    return TRUE;

  parameter->default_value = read_value (at, parameter->type_string, &local_error);
  if (parameter->default_value != NULL)
    return TRUE;

  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                               _("parameter “%s”: its default is no value of type %s: %s"),
                               parameter->name, parameter->type_string, local_error->message);
}

static gboolean
read_parameter (const char **at,
                GPtrArray   *parameters,
                GError     **error)
{
  g_autoptr (PlantRpcParameterInfo) parameter = plant_rpc_parameter_info_new ();

  if (!read_name (at, parameter, error) || !read_type (at, parameter, error) ||
      !read_default (at, parameter, error))
    return FALSE;

  for (guint i = 0; i < parameters->len; i++)
    {
      PlantRpcParameterInfo *other = parameters->pdata[i];

      if (!g_str_equal (other->name, parameter->name))
        continue;
      return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                                   _("parameter “%s” is there twice"), parameter->name);
    }
  g_ptr_array_add (parameters, g_steal_pointer (&parameter));
  return TRUE;
}

static gboolean
read_parameters (const char **at,
                 GPtrArray   *parameters,
                 GError     **error)
{
  if (**at == '\0' || g_str_has_prefix (*at, ARROW))
    return TRUE;
  do
    {
      if (!read_parameter (at, parameters, error))
        return FALSE;
    }
  while (skip_char (at, ',') && parameters->len < PLANT_RPC_MAX_ARGUMENTS);
  return TRUE;
}

/* Sets RESULT to the text behind the arrow, if there is an arrow. */
static gboolean
read_return_type (const char **at,
                  char       **return_type,
                  GError     **error)
{
  if (!g_str_has_prefix (*at, ARROW))
    return TRUE;
  *at += strlen (ARROW);
  skip_space (at);
  *return_type = g_strchomp (g_strdup (*at));
  *at += strlen (*at);
  if (plant_rpc_signature_check_type (*return_type, error))
    return TRUE;
  /* Translators: of a method; what is wrong with its type follows */
  g_prefix_error (error, _("the return value: "));
  return FALSE;
}

/* g_variant_parse() accepts the escape of a code point that is not a character, such as a
 * surrogate, and makes a string of it that is not valid UTF-8. */
static gboolean
has_false_escape (const char *text)
{
  const char *at = text;

  while ((at = strchr (at, '\\')) != NULL && at[1] != '\0')
    {
      gsize n_digits = at[1] == 'u' ? 4 : at[1] == 'U' ? 8 : 0;
      g_autofree char *digits = g_strndup (at + 2, n_digits);

      if (!g_unichar_validate ((gunichar) g_ascii_strtoull (digits, NULL, 16)))
        return TRUE;
      at += 2;
    }
  return FALSE;
}

static gboolean
check_text (const char  *text,
            GError     **error)
{
  gsize length = strnlen (text, PLANT_RPC_MAX_SIGNATURE_LENGTH + 1);

  if (length <= PLANT_RPC_MAX_SIGNATURE_LENGTH && g_utf8_validate (text, length, NULL) &&
      !has_false_escape (text))
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                               _("the signature is too long or not UTF-8"));
}

GPtrArray *
plant_rpc_signature_parse (const char  *text,
                           char       **return_type,
                           GError     **error)
{
  g_autofree char *returned = NULL;
  g_autoptr (GPtrArray) parameters =
    g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_parameter_info_unref);
  const char *at = text;

  if (!check_text (text, error))
    return NULL;

  skip_space (&at);
  if (!read_parameters (&at, parameters, error) || !read_return_type (&at, &returned, error))
    return NULL;
  if (*at != '\0')
    {
      g_autofree char *rest = plant_rpc_names_quote (at);

      return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                                        _("expected a comma or the end after parameter %u, got %s"),
                                        parameters->len, rest);
    }
  *return_type = g_steal_pointer (&returned);
  return g_steal_pointer (&parameters);
}

gboolean
plant_rpc_signature_check_type (const char  *text,
                                GError     **error)
{
  g_autofree char *quoted = NULL;

  if (strnlen (text, PLANT_RPC_MAX_NAME_LENGTH + 1) <= PLANT_RPC_MAX_NAME_LENGTH &&
      g_variant_type_string_is_valid (text) && g_variant_type_is_definite (G_VARIANT_TYPE (text)) &&
      *text != '{' && strchr (text, 'h') == NULL)
    return TRUE;

  quoted = plant_rpc_names_quote (text);
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                               /* Translators: text in quotes */
                               _("%s is not one definite GVariant type"), quoted);
}

gboolean
plant_rpc_signature_check_tuple (const char  *text,
                                 GError     **error)
{
  if (!plant_rpc_signature_check_type (text, error))
    return FALSE;
  if (*text == '(' && plant_rpc_signature_count (text) <= PLANT_RPC_MAX_ARGUMENTS)
    return TRUE;

  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                               _("the signature “%s” is not a tuple of at most %d types"), text,
                               PLANT_RPC_MAX_ARGUMENTS);
}

guint
plant_rpc_signature_count (const char *tuple)
{
  return g_variant_type_n_items (G_VARIANT_TYPE (tuple));
}

char *
plant_rpc_signature_dup_nth (const char *tuple,
                             guint       index)
{
  const GVariantType *type = g_variant_type_first (G_VARIANT_TYPE (tuple));

  while (index-- > 0)
    type = g_variant_type_next (type);
  return g_variant_type_dup_string (type);
}

GVariant *
plant_rpc_signature_convert (GVariant    *argument,
                             const char  *type_string,
                             gboolean     coerce,
                             GError     **error)
{
  g_autoptr (GVariant) converted = coerce ? plant_rpc_value_coerce (argument, type_string, error)
                                         : plant_rpc_value_fit (argument, type_string, error);

  if (converted != NULL && g_variant_is_of_type (converted, G_VARIANT_TYPE_VARIANT))
    return g_variant_get_variant (converted);
  return g_steal_pointer (&converted);
}
