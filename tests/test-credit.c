/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-credit-private.h"
#include "plant-rpc-subscription-private.h"

#define QUARTER (PLANT_RPC_SUBSCRIBER_WINDOW / 4)

/* The server is told once a quarter of its window has been seen, not before. */
static void
test_step (void)
{
  PlantRpcCredit credit = { 0 };

  for (guint64 sequence = 1; sequence <= 8; sequence++)
    {
      guint64 number = plant_rpc_credit_receive (&credit, sequence);
      guint64 told = plant_rpc_credit_see (&credit, number, QUARTER / 4, TRUE, sequence);

      g_assert_cmpuint (told, ==, sequence % 4 == 0 ? sequence : 0);
    }
}

/* What was seen out of order counts in bytes, but the server hears of no more than has been seen
 * up to there; of all, once nothing is left. */
static void
test_order (void)
{
  PlantRpcCredit credit = { 0 };

  for (guint64 sequence = 1; sequence <= 4; sequence++)
    plant_rpc_credit_receive (&credit, sequence);
  g_assert_cmpuint (plant_rpc_credit_see (&credit, 1, 1, TRUE, 4), ==, 0);
  g_assert_cmpuint (plant_rpc_credit_see (&credit, 4, QUARTER, FALSE, 4), ==, 1);
  g_assert_cmpuint (plant_rpc_credit_see (&credit, 3, 1, FALSE, 4), ==, 0);
  g_assert_cmpuint (plant_rpc_credit_see (&credit, 2, QUARTER, FALSE, 4), ==, 4);
}

/* Numbers go on; what was of a former connection tells the next server nothing. */
static void
test_restart (void)
{
  PlantRpcCredit credit = { 0 };
  guint64 former = plant_rpc_credit_receive (&credit, 1);
  guint64 number;

  plant_rpc_credit_receive (&credit, 2);
  plant_rpc_credit_restart (&credit);
  number = plant_rpc_credit_receive (&credit, 1);
  g_assert_cmpuint (number, !=, former);
  g_assert_cmpuint (plant_rpc_credit_see (&credit, former, QUARTER, TRUE, 1), ==, 0);
  g_assert_cmpuint (plant_rpc_credit_see (&credit, number, QUARTER, TRUE, 1), ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/credit/step", test_step);
  g_test_add_func ("/credit/order", test_order);
  g_test_add_func ("/credit/restart", test_restart);
  return g_test_run ();
}
