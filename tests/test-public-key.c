/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <zmq.h>

#include "plant-rpc-public-key-private.h"

static void
test_round_trip (void)
{
  for (guint n = 0; n < 256; n++)
    {
      guint8 key[PLANT_RPC_PUBLIC_KEY_SIZE], read[PLANT_RPC_PUBLIC_KEY_SIZE];
      char text[PLANT_RPC_PUBLIC_KEY_LENGTH + 1], z85[41];

      for (guint i = 0; i < sizeof key; i++)
        key[i] = (guint8) (n + 37 * i);
      plant_rpc_public_key_print (key, text);
      g_assert_cmpuint (strlen (text), ==, PLANT_RPC_PUBLIC_KEY_LENGTH);
      g_assert_cmpuint (strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_"), ==, PLANT_RPC_PUBLIC_KEY_LENGTH);
      g_assert_true (plant_rpc_public_key_parse (text, read));
      g_assert_cmpmem (read, sizeof read, key, sizeof key);

      memset (read, 0, sizeof read);
      zmq_z85_encode (z85, key, sizeof key);
      g_assert_true (plant_rpc_public_key_parse (z85, read));
      g_assert_cmpmem (read, sizeof read, key, sizeof key);
    }
}

/* Each key has one text, so that texts can be compared. */
static void
test_refused (void)
{
  static const char *const texts[] = {
    "",
    "A",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",   /* 42 */
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* 44 */
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",  /* unused bits */
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/A",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA A",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAé",
    "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf\"",
    "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yfé",
    "########################################",
  };
  guint8 key[PLANT_RPC_PUBLIC_KEY_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (plant_rpc_public_key_parse (texts[i], key));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/public-key/round-trip", test_round_trip);
  g_test_add_func ("/public-key/refused", test_refused);
  return g_test_run ();
}
