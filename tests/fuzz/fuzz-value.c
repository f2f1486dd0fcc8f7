/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-serial-view-private.h"
#include "plant-rpc-value-private.h"

/* What fits a type can travel again, and is equal when it arrives. */
static void
try_type (GVariant *value,
          GType     type)
{
  g_auto (GValue) result = G_VALUE_INIT;
  g_auto (GValue) again = G_VALUE_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) sent = NULL;

  if (!plant_rpc_value_from_variant (value, type, &result, &error))
    {
      g_assert_nonnull (error);
      return;
    }
  g_assert_no_error (error);
  g_assert_true (G_VALUE_HOLDS (&result, type));
  g_assert_true (plant_rpc_value_equal (&result, &result));
  sent = plant_rpc_value_to_variant (&result, &error);
  g_assert_no_error (error);
  plant_rpc_value_from_variant (sent, type, &again, &error);
  g_assert_no_error (error);
  g_assert_true (plant_rpc_value_equal (&result, &again));
}

/* What fits a declared type has it, and fits it again unchanged. */
static void
try_fit (GVariant   *value,
         const char *type_string)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) fitted = plant_rpc_value_fit (value, type_string, &error);
  g_autoptr (GVariant) coerced = plant_rpc_value_coerce (value, type_string, NULL);
  g_autoptr (GVariant) again = NULL;

  g_assert_true ((fitted != NULL) == (error == NULL));
  if (coerced != NULL)
    g_assert_true (g_variant_is_of_type (coerced, G_VARIANT_TYPE (type_string)));
  if (fitted == NULL)
    return;
  g_assert_true (g_variant_is_of_type (fitted, G_VARIANT_TYPE (type_string)));
  again = plant_rpc_value_fit (fitted, type_string, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_is_of_type (again, G_VARIANT_TYPE (type_string)));
}

/* The view finds the same children as GVariant. */
static void
try_view (const PlantRpcSerialView *view,
          GVariant                 *value)
{
  PlantRpcSerialIter iter;
  PlantRpcSerialView child;

  g_assert_cmpmem (view->data, view->size, g_variant_get_data (value), g_variant_get_size (value));
  if (!g_variant_is_container (value))
    return;
  plant_rpc_serial_iter_init (&iter, view);
  g_assert_cmpuint (iter.n_left, ==, g_variant_n_children (value));
  for (gsize i = 0; plant_rpc_serial_iter_next (&iter, &child); i++)
    {
      g_autoptr (GVariant) expected = g_variant_get_child_value (value, i);

      try_view (&child, expected);
    }
}

static void
try_value (GVariant *value)
{
  PlantRpcSerialView view = plant_rpc_serial_view_of (value);
  const GType types[] = {
    G_TYPE_BOOLEAN, G_TYPE_CHAR,  G_TYPE_UCHAR,  G_TYPE_INT,    G_TYPE_UINT,    G_TYPE_LONG,
    G_TYPE_ULONG,   G_TYPE_INT64, G_TYPE_UINT64, G_TYPE_FLOAT,  G_TYPE_DOUBLE,  G_TYPE_STRING,
    G_TYPE_STRV,    G_TYPE_VARIANT,
  };
  static const char *const type_strings[] = {
    "b", "y", "n", "q", "i", "u", "x", "t", "d", "s", "v", "as", "av", "ai", "ad", "(ii)", "(sd)",
    "a{sv}", "a{sd}", "a{is}", "mv", "ms", "aas", "(i(sv))", "ay",
  };

  try_view (&view, value);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    try_type (value, types[i]);
  for (guint i = 0; i < G_N_ELEMENTS (type_strings); i++)
    try_fit (value, type_strings[i]);
}

/* A value as it comes, as JSON or natively. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GBytes) payload = g_bytes_new (data, size);
  g_autoptr (GVariant) json = plant_rpc_json_parse ((const char *) data, size, NULL);
  g_autoptr (GVariant) native = plant_rpc_message_unpack_native (payload, "v", NULL);
  g_autoptr (GVariant) message = plant_rpc_message_unpack_native (payload, "(ysv)", NULL);

  if (json != NULL)
    try_value (json);
  if (native != NULL)
    try_value (native);
  if (message != NULL)
    try_value (message);
  return 0;
}
