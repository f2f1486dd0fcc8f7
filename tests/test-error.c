/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-error-private.h"

/* The names that peers know, the code that an error of a peer gets by such a name, and whether what
 * failed with that code may have run. The page "Errors" is compared with all codes. */
static const struct {
  PlantRpcError code;
  const char *name;
  PlantRpcError from_peer;
  gboolean may_have_run;
} rows[] = {
  { PLANT_RPC_ERROR_REMOTE, "remote", PLANT_RPC_ERROR_REMOTE, TRUE },
  { PLANT_RPC_ERROR_NOT_SENT, "not-sent", PLANT_RPC_ERROR_REMOTE, FALSE },
  { PLANT_RPC_ERROR_OUTCOME_UNKNOWN, "outcome-unknown", PLANT_RPC_ERROR_REMOTE, TRUE },
  { PLANT_RPC_ERROR_PROTOCOL, "protocol", PLANT_RPC_ERROR_PROTOCOL, TRUE },
  { PLANT_RPC_ERROR_LIMIT, "limit", PLANT_RPC_ERROR_LIMIT, TRUE },
  { PLANT_RPC_ERROR_UNKNOWN_METHOD, "unknown-method", PLANT_RPC_ERROR_UNKNOWN_METHOD, FALSE },
  { PLANT_RPC_ERROR_UNKNOWN_PROPERTY, "unknown-property", PLANT_RPC_ERROR_UNKNOWN_PROPERTY, FALSE },
  { PLANT_RPC_ERROR_NOT_WRITABLE, "not-writable", PLANT_RPC_ERROR_NOT_WRITABLE, FALSE },
  { PLANT_RPC_ERROR_INVALID_VALUE, "invalid-value", PLANT_RPC_ERROR_INVALID_VALUE, FALSE },
  { PLANT_RPC_ERROR_INVALID_ARGUMENTS, "invalid-arguments", PLANT_RPC_ERROR_INVALID_ARGUMENTS,
    FALSE },
  { PLANT_RPC_ERROR_NO_REPLY, "no-reply", PLANT_RPC_ERROR_NO_REPLY, TRUE },
  { PLANT_RPC_ERROR_REFUSED, "refused", PLANT_RPC_ERROR_REFUSED, FALSE },
  { PLANT_RPC_ERROR_INVALID_URL, "invalid-url", PLANT_RPC_ERROR_INVALID_URL, FALSE },
  { PLANT_RPC_ERROR_INVALID_INTERFACE, "invalid-interface", PLANT_RPC_ERROR_INVALID_INTERFACE,
    FALSE },
  { PLANT_RPC_ERROR_MISMATCH, "mismatch", PLANT_RPC_ERROR_REMOTE, FALSE },
  { PLANT_RPC_ERROR_CLOSED, "closed", PLANT_RPC_ERROR_REMOTE, FALSE },
};

static GError *
make (PlantRpcError code)
{
  return g_error_new_literal (PLANT_RPC_ERROR, (int) code, "message");
}

static void
test_table (void)
{
  g_autoptr (GEnumClass) codes = g_type_class_ref (PLANT_RPC_TYPE_ERROR);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = make (rows[i].code);
      g_autofree char *name = plant_rpc_error_dup_wire_name (error);
      GEnumValue *value = g_enum_get_value_by_nick (codes, rows[i].name);

      g_test_message ("%s", rows[i].name);
      g_assert_cmpstr (name, ==, rows[i].name);
      g_assert_nonnull (value);
      g_assert_cmpint (value->value, ==, rows[i].code);
    }
}

static void
test_may_have_run (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = make (rows[i].code);

      g_test_message ("%s", rows[i].name);
      g_assert_cmpint (plant_rpc_error_may_have_run (error), ==, rows[i].may_have_run);
    }
}

static void
test_may_have_run_elsewhere (void)
{
  static const struct {
    int code;
    gboolean may_have_run;
  } cases[] = {
    { G_IO_ERROR_TIMED_OUT, TRUE },
    { G_IO_ERROR_CANCELLED, TRUE },
    { G_IO_ERROR_ADDRESS_IN_USE, FALSE },
    { G_IO_ERROR_FAILED, FALSE },
  };
  g_autoptr (GError) other = g_error_new_literal (G_MARKUP_ERROR, 0, "message");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, cases[i].code, "message");

      g_assert_cmpint (plant_rpc_error_may_have_run (error), ==, cases[i].may_have_run);
    }
  g_assert_false (plant_rpc_error_may_have_run (other));
}

/* What a peer says never makes the caller believe that nothing ran where something may have, nor
 * that it is the caller's own side that speaks. */
static void
test_from_peer (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = plant_rpc_error_new_remote (rows[i].name, "because", "line 1\n");

      g_test_message ("%s", rows[i].name);
      g_assert_error (error, PLANT_RPC_ERROR, (int) rows[i].from_peer);
      g_assert_cmpstr (error->message, ==, "because");
      g_assert_cmpstr (plant_rpc_error_get_remote_name (error), ==, rows[i].name);
      g_assert_cmpstr (plant_rpc_error_get_traceback (error), ==, "line 1\n");
    }
}

static void
test_unknown_names (void)
{
  static const char *const names[] = {
    "", "REMOTE", "not-writable ", "g-io-error-quark:1", "PlantRpcError:1", "0", "\xf0\x9f\x8c\xb1",
  };
  g_autoptr (GError) nameless = plant_rpc_error_new_remote (NULL, "", NULL);

  g_assert_error (nameless, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_null (plant_rpc_error_get_remote_name (nameless));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = plant_rpc_error_new_remote (names[i], "because", NULL);

      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
      g_assert_cmpstr (plant_rpc_error_get_remote_name (error), ==, names[i]);
    }
}

static void
test_names_of_others (void)
{
  g_autoptr (GError) io = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "none");
  g_autoptr (GError) beyond = g_error_new_literal (PLANT_RPC_ERROR, 1000, "none");
  g_autoptr (GError) below = g_error_new_literal (PLANT_RPC_ERROR, -1, "none");
  g_autofree char *io_name = plant_rpc_error_dup_wire_name (io);
  g_autofree char *beyond_name = plant_rpc_error_dup_wire_name (beyond);
  g_autofree char *below_name = plant_rpc_error_dup_wire_name (below);

  g_assert_cmpstr (io_name, ==, "g-io-error-quark:1");
  g_assert_cmpstr (beyond_name, ==, "PlantRpcError:1000");
  g_assert_cmpstr (below_name, ==, "PlantRpcError:-1");
}

static void
test_traceback (void)
{
  g_autoptr (GError) with = plant_rpc_error_new_remote ("remote", "because", "a\n  b\n");
  g_autoptr (GError) without = plant_rpc_error_new_remote ("remote", "because", NULL);
  g_autoptr (GError) empty = plant_rpc_error_new_remote ("remote", "because", "");
  g_autoptr (GError) local = make (PLANT_RPC_ERROR_PROTOCOL);
  g_autoptr (GError) other = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "message");

  g_assert_cmpstr (plant_rpc_error_get_traceback (with), ==, "a\n  b\n");
  g_assert_null (plant_rpc_error_get_traceback (without));
  g_assert_null (plant_rpc_error_get_traceback (empty));
  g_assert_null (plant_rpc_error_get_traceback (local));
  g_assert_null (plant_rpc_error_get_traceback (other));
  g_assert_null (plant_rpc_error_get_remote_name (local));
  g_assert_null (plant_rpc_error_get_remote_name (other));
}

/* The copy outlives what it is a copy of. */
static void
test_copy (void)
{
  GError *error = plant_rpc_error_new_remote ("refused", "because", "line 1\n");
  g_autoptr (GError) copy = g_error_copy (error);
  g_autoptr (GError) propagated = NULL;

  g_assert_true (plant_rpc_error_get_traceback (copy) != plant_rpc_error_get_traceback (error));
  g_error_free (error);
  g_propagate_prefixed_error (&propagated, g_steal_pointer (&copy), "Not done: ");
  g_assert_error (propagated, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  g_assert_cmpstr (propagated->message, ==, "Not done: because");
  g_assert_cmpstr (plant_rpc_error_get_traceback (propagated), ==, "line 1\n");
  g_assert_cmpstr (plant_rpc_error_get_remote_name (propagated), ==, "refused");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/table", test_table);
  g_test_add_func ("/error/may-have-run", test_may_have_run);
  g_test_add_func ("/error/may-have-run-elsewhere", test_may_have_run_elsewhere);
  g_test_add_func ("/error/from-peer", test_from_peer);
  g_test_add_func ("/error/unknown-names", test_unknown_names);
  g_test_add_func ("/error/names-of-others", test_names_of_others);
  g_test_add_func ("/error/traceback", test_traceback);
  g_test_add_func ("/error/copy", test_copy);
  return g_test_run ();
}
