/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-limits-private.h"
#include "plant-rpc-origin-private.h"
#include "plant-rpc-test-wait.h"

/* On another computer only the address counts at which the server was reached. */
static void
test_remote (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://192.0.2.1:5000", "192.0.2.1");

  g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
  g_assert_true (plant_rpc_origin_has (self, "::ffff:192.0.2.1"));
  g_assert_false (plant_rpc_origin_has (self, "192.0.2.2"));
  g_assert_false (plant_rpc_origin_has (self, "127.0.0.1"));
  g_assert_false (plant_rpc_origin_has (self, "localhost"));
  g_assert_false (plant_rpc_origin_has (self, ""));
}

/* On this computer every address of it counts. */
static void
test_local (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://127.0.0.1:5000", "127.0.0.1");

  g_assert_true (plant_rpc_origin_has (self, "127.0.0.1"));
  g_assert_true (plant_rpc_origin_has (self, "127.0.0.2"));
  g_assert_true (plant_rpc_origin_has (self, "::1"));
  g_assert_false (plant_rpc_origin_has (self, "192.0.2.1"));
  plant_rpc_origin_add (self, "192.0.2.1");
  g_assert_true (plant_rpc_origin_has (self, "127.0.0.2"));
}

static void
test_add (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://192.0.2.1:5000", "192.0.2.1");

  plant_rpc_origin_add (self, "fe80::1%eth0");
  plant_rpc_origin_add (self, "not an address");
  g_assert_true (plant_rpc_origin_has (self, "fe80::1%eth1"));
  g_assert_true (plant_rpc_origin_has (self, "FE80:0::1"));
  g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
  plant_rpc_origin_add (self, "::1");
  g_assert_true (plant_rpc_origin_has (self, "127.0.0.1"));
}

/* When the set is full, earlier addresses make room for the latest. */
static void
test_full (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://192.0.2.1:5000", "192.0.2.1");

  for (guint i = 1; i <= PLANT_RPC_MAX_SERVER_ADDRESSES; i++)
    {
      g_autofree char *address = g_strdup_printf ("198.51.100.%u", i);

      g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
      plant_rpc_origin_add (self, address);
      g_assert_true (plant_rpc_origin_has (self, address));
    }
  g_assert_false (plant_rpc_origin_has (self, "192.0.2.1"));
}

/* The addresses of the host name come after a while, also if nobody waits for them any more. */
static void
test_name (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://localhost:5000", "192.0.2.1");

  plant_rpc_origin_unref (plant_rpc_origin_new ("tcp://localhost:5000", "192.0.2.1"));
  g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
  test_wait_for (plant_rpc_origin_has (self, "127.0.0.1"));
  g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/origin/remote", test_remote);
  g_test_add_func ("/origin/local", test_local);
  g_test_add_func ("/origin/add", test_add);
  g_test_add_func ("/origin/full", test_full);
  g_test_add_func ("/origin/name", test_name);
  return g_test_run ();
}
