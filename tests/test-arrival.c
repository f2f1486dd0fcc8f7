/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-arrival-private.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-test-variant.h"

/* The copy owns its texts and values: it outlives the arrival that it is a copy of. */
static void
test_dup (void)
{
  char *name = g_strdup ("captured");
  GVariant *args = test_parse ("[<'a'>, <5>]");
  PlantRpcArrival arrival = { .owner = &arrival, .name = name, .args = args, .sequence = 7,
                              .size = 30 };
  PlantRpcArrival *copy = plant_rpc_arrival_dup (&arrival);
  g_autoptr (GVariant) taken = NULL;

  memset (name, 'x', strlen (name));
  g_free (name);
  g_variant_unref (args);
  g_assert_true (copy->owner == &arrival);
  g_assert_cmpstr (copy->name, ==, "captured");
  g_assert_cmpuint (copy->sequence, ==, 7);
  taken = plant_rpc_arrival_dup_args (copy);
  g_assert_cmpuint (plant_rpc_arrival_measure (copy), ==, 30);
  plant_rpc_arrival_free (copy);
  test_assert_variant (taken, "[<'a'>, <5>]");
}

/* Plain arguments lie in the message, of which the copy keeps a reference. */
static void
test_plain (void)
{
  g_autoptr (GVariant) message = test_parse ("(byte 0x20, 'captured', [<'a'>, <5>])");
  GBytes *payload = g_variant_get_data_as_bytes (message);
  g_auto (PlantRpcArguments) plain = { 0 };
  const char *name;
  PlantRpcArrival arrival = { .plain = &plain };
  PlantRpcArrival *copy;
  g_autoptr (GVariant) args = NULL;

  g_assert_true (plant_rpc_arguments_unpack (&plain, payload, &name));
  arrival.name = (char *) name;
  copy = plant_rpc_arrival_dup (&arrival);
  plant_rpc_arguments_clear (&plain);
  g_bytes_unref (payload);
  args = plant_rpc_arrival_dup_args (copy);
  test_assert_variant (args, "[<'a'>, <5>]");
  g_assert_cmpstr (copy->name, ==, "captured");
  plant_rpc_arrival_free (copy);
}

/* Without a size of the message, the name and the serialised arguments count. */
static void
test_measure (void)
{
  g_autoptr (GVariant) args = test_parse ("[<'0123456789'>]");
  const PlantRpcArrival sized = { .name = (char *) "ping", .args = args, .size = 1000 };
  const PlantRpcArrival unsized = { .name = (char *) "ping", .args = args };

  g_assert_cmpuint (plant_rpc_arrival_measure (&sized), ==, 1000);
  g_assert_cmpuint (plant_rpc_arrival_measure (&unsized), ==, 4 + g_variant_get_size (args));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arrival/dup", test_dup);
  g_test_add_func ("/arrival/plain", test_plain);
  g_test_add_func ("/arrival/measure", test_measure);
  return g_test_run ();
}
