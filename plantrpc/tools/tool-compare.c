/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-compare.h"

#include <math.h>
#include <string.h>

#include "tool-json.h"
#include "tool-value.h"

static gboolean equals (GVariant *a,
                        GVariant *b);

GVariant *
tool_compare_fit (PlantRpcPropertyInfo *property,
                  GVariant             *value)
{
  GVariant *fitted = plant_rpc_property_info_fit_value (property, value, NULL);

  return fitted != NULL ? fitted : g_variant_ref (value);
}

/* Both are integers in decimal. */
static int
compare_digits (const char *a,
                const char *b)
{
  const gboolean negative = *a == '-';
  const gsize length_a = strlen (a);
  const gsize length_b = strlen (b);
  int order;

  if (negative != (*b == '-'))
    return negative ? -1 : 1;
  order = length_a != length_b ? (length_a > length_b) - (length_a < length_b) : strcmp (a, b);
  return negative ? -order : order;
}

/* Two integers may differ although their nearest doubles, REAL_A and REAL_B, are equal. */
static int
compare_numbers (GVariant *a,
                 GVariant *b,
                 double    real_a,
                 double    real_b)
{
  g_autofree char *digits_a = NULL;
  g_autofree char *digits_b = NULL;

  if (real_a != real_b || g_variant_is_of_type (a, G_VARIANT_TYPE_DOUBLE) ||
      g_variant_is_of_type (b, G_VARIANT_TYPE_DOUBLE))
    return (real_a > real_b) - (real_a < real_b);
  digits_a = tool_json_print_value (a);
  digits_b = tool_json_print_value (b);
  return compare_digits (digits_a, digits_b);
}

static gboolean
has_element (GVariant *list,
             gsize     index,
             GVariant *element)
{
  g_autoptr (GVariant) other = g_variant_get_child_value (list, index);

  return equals (other, element);
}

/* The entries of a dictionary may come in any order. JSON has their keys as text. */
static gboolean
has_entry (GVariant *dictionary,
           GVariant *entry)
{
  g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
  g_autoptr (GVariant) value = g_variant_get_child_value (entry, 1);
  g_autofree char *name = tool_value_print (key);

  for (gsize i = 0; i < g_variant_n_children (dictionary); i++)
    {
      g_autoptr (GVariant) other = g_variant_get_child_value (dictionary, i);
      g_autoptr (GVariant) other_key = g_variant_get_child_value (other, 0);
      g_autoptr (GVariant) other_value = g_variant_get_child_value (other, 1);
      g_autofree char *other_name = tool_value_print (other_key);

      if (g_str_equal (name, other_name))
        return equals (value, other_value);
    }
  return FALSE;
}

static gboolean
containers_equal (GVariant *a,
                  GVariant *b)
{
  const gboolean dictionaries = g_variant_is_of_type (a, G_VARIANT_TYPE_DICTIONARY);

  if (dictionaries != g_variant_is_of_type (b, G_VARIANT_TYPE_DICTIONARY) ||
      g_variant_n_children (a) != g_variant_n_children (b))
    return FALSE;
  for (gsize i = 0; i < g_variant_n_children (a); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (a, i);

      if (!(dictionaries ? has_entry (b, child) : has_element (b, i, child)))
        return FALSE;
    }
  return TRUE;
}

/* An empty maybe is null whatever its type, and here NaN equals NaN. */
static gboolean
equals (GVariant *a,
        GVariant *b)
{
  g_autoptr (GVariant) inner_a = tool_value_unbox (a);
  g_autoptr (GVariant) inner_b = tool_value_unbox (b);
  const gboolean null_a = g_variant_is_of_type (inner_a, G_VARIANT_TYPE_MAYBE);
  const gboolean null_b = g_variant_is_of_type (inner_b, G_VARIANT_TYPE_MAYBE);
  double real_a, real_b;

  if (null_a || null_b)
    return null_a && null_b;
  if (tool_value_get_number (inner_a, &real_a) && tool_value_get_number (inner_b, &real_b))
    return isnan (real_a) || isnan (real_b)
             ? isnan (real_a) && isnan (real_b)
             : compare_numbers (inner_a, inner_b, real_a, real_b) == 0;
  if (g_variant_is_container (inner_a) && g_variant_is_container (inner_b))
    return containers_equal (inner_a, inner_b);
  return g_variant_equal (inner_a, inner_b);
}

int
tool_compare_values (GVariant *a,
                     GVariant *b,
                     gboolean *comparable)
{
  g_autoptr (GVariant) inner_a = tool_value_unbox (a);
  g_autoptr (GVariant) inner_b = tool_value_unbox (b);
  double real_a, real_b;

  *comparable = TRUE;
  if (tool_value_get_number (inner_a, &real_a) && tool_value_get_number (inner_b, &real_b) &&
      !isnan (real_a) && !isnan (real_b))
    return compare_numbers (inner_a, inner_b, real_a, real_b);
  if (g_variant_is_of_type (inner_a, G_VARIANT_TYPE_STRING) &&
      g_variant_is_of_type (inner_b, G_VARIANT_TYPE_STRING))
    return strcmp (g_variant_get_string (inner_a, NULL), g_variant_get_string (inner_b, NULL));
  *comparable = FALSE;
  return equals (inner_a, inner_b) ? 0 : 1;
}
