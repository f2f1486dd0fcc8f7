/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-device-table-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"

static void
ignore (gpointer              owner,
        PlantRpcDeviceRecord *record,
        gboolean              added)
{
}

/* Returns whether a table without other devices takes the candidate. */
static gboolean
check (const PlantRpcCandidate  *candidate,
       GError                  **error)
{
  PlantRpcDeviceTable *table = plant_rpc_device_table_new (ignore, NULL);
  gboolean taken = plant_rpc_device_table_register (table, candidate, 0, error) != NULL;

  plant_rpc_device_table_free (table);
  return taken;
}

static gboolean
check_text (const char  *type,
            const char  *name,
            GError     **error)
{
  const PlantRpcCandidate candidate = { type, name, "tcp://127.0.0.1:1" };

  return check (&candidate, error);
}

static void
test_texts (void)
{
  static const char *const good[] = { "", "camera 1", "größe 植🌱", "a\xcc\x81" };
  static const char *const bad[] = {
    "\xff", "a\nb", "a\tb", "\x7f", "\xc2\x85", "a\xe2\x80\xa8", "a\xe2\x80\xa9",
    "\xe2\x80\xae" "a", "\xe2\x80\x8e", "\xe2\x81\xa6", "\xd8\x9c",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (check_text ("camera", good[i], &error));
      g_assert_no_error (error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (check_text ("camera", bad[i], &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
      g_assert_nonnull (strstr (error->message, "The name of the device"));
    }
}

static void
test_length (void)
{
  g_autofree char *text = g_strnfill (PLANT_RPC_MAX_REGISTRY_TEXT + 1, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_false (check_text (text, "n", &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
  text[PLANT_RPC_MAX_REGISTRY_TEXT] = '\0';
  g_assert_true (check_text (text, "n", NULL));
}

/* Each text of the candidate is checked, and the error names it. */
static void
test_candidate (void)
{
  static const struct {
    PlantRpcCandidate candidate;
    PlantRpcError     code;
    const char       *message;
  } cases[] = {
    { { "", "n", "tcp://127.0.0.1:1" }, PLANT_RPC_ERROR_PROTOCOL, "type" },
    { { "\n", "n", "tcp://127.0.0.1:1" }, PLANT_RPC_ERROR_PROTOCOL, "type" },
    { { "t", "\n", "tcp://127.0.0.1:1" }, PLANT_RPC_ERROR_PROTOCOL, "name" },
    { { "t", "n", "\n" }, PLANT_RPC_ERROR_PROTOCOL, "address" },
    { { "t", "n", "127.0.0.1" }, PLANT_RPC_ERROR_INVALID_URL, "127.0.0.1" },
  };
  const PlantRpcCandidate good = { "t", "", "tcp://127.0.0.1:1" };

  g_assert_true (check (&good, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (check (&cases[i].candidate, &error));
      g_assert_error (error, PLANT_RPC_ERROR, (int) cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].message));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/candidate/texts", test_texts);
  g_test_add_func ("/candidate/length", test_length);
  g_test_add_func ("/candidate/candidate", test_candidate);
  return g_test_run ();
}
