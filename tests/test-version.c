/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-version.h"

static void
test_check (void)
{
  enum { MAJOR = PLANT_RPC_MAJOR_VERSION, MINOR = PLANT_RPC_MINOR_VERSION,
         MICRO = PLANT_RPC_MICRO_VERSION };

  g_assert_true (plant_rpc_check_version (MAJOR, MINOR, MICRO));
  g_assert_true (plant_rpc_check_version (MAJOR - 1, MINOR + 1, MICRO + 1));
  g_assert_false (plant_rpc_check_version (MAJOR, MINOR, MICRO + 1));
  g_assert_false (plant_rpc_check_version (MAJOR, MINOR + 1, 0));
  g_assert_false (plant_rpc_check_version (MAJOR + 1, 0, 0));
}

static void
test_numbers (void)
{
  g_assert_cmpuint (plant_rpc_get_major_version (), ==, PLANT_RPC_MAJOR_VERSION);
  g_assert_cmpuint (plant_rpc_get_minor_version (), ==, PLANT_RPC_MINOR_VERSION);
  g_assert_cmpuint (plant_rpc_get_micro_version (), ==, PLANT_RPC_MICRO_VERSION);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/version/check", test_check);
  g_test_add_func ("/version/numbers", test_numbers);
  return g_test_run ();
}
