/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-loan-private.h"

/* The documentation promises so many. */
#define N_KEPT 64

static gint n_freed; /* (atomic) */

static gpointer
copy_text (gpointer text)
{
  return g_strdup (text);
}

static void
text_free (gpointer text)
{
  g_atomic_int_inc (&n_freed);
  g_free (text);
}

/* Runs FUNC with the home of a context that the calling thread owns. */
static void
run_elsewhere (GThreadFunc func)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new (context);

  g_assert_true (g_main_context_acquire (context));
  g_thread_join (g_thread_new ("other", func, home));
  g_main_context_release (context);
}

/* The owner of the context knows when a value changes, and so gets no copy. */
static void
test_owner (void)
{
  static const char lent[] = "text";
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "text");
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new (NULL);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (home);

  g_assert_true (plant_rpc_loan_lend_string (home, lent) == lent);
  g_assert_true (plant_rpc_loan_lend_error (home, error) == error);
  g_assert_null (plant_rpc_loan_lend_string (home, NULL));
}

static gpointer
borrow (gpointer data)
{
  static const char lent[] = "text";
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "text");
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (data);
  const char *text = plant_rpc_loan_lend_string (data, lent);
  const GError *copy = plant_rpc_loan_lend_error (data, error);

  g_assert_cmpstr (text, ==, lent);
  g_assert_true (text != lent);
  g_assert_error (copy, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_true (copy != error);
  g_assert_null (plant_rpc_loan_lend_string (data, NULL));
  g_assert_null (plant_rpc_loan_lend_error (data, NULL));
  return NULL;
}

static void
test_copy (void)
{
  run_elsewhere (borrow);
}

static gpointer
borrow_many (gpointer data)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (data);
  const char *first = plant_rpc_loan_lend (data, "first", copy_text, text_free);

  for (guint i = 1; i < N_KEPT; i++)
    plant_rpc_loan_lend (data, "more", copy_text, text_free);
  g_assert_cmpstr (first, ==, "first");
  for (int i = 0; i < 3; i++)
    {
      g_assert_cmpint (g_atomic_int_get (&n_freed), ==, i);
      plant_rpc_loan_lend (data, "one more", copy_text, text_free);
    }
  return NULL;
}

/* A copy is freed once so many more have been lent, and when its thread ends. */
static void
test_kept (void)
{
  run_elsewhere (borrow_many);
  g_assert_cmpint (g_atomic_int_get (&n_freed), ==, N_KEPT + 3);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/loan/owner", test_owner);
  g_test_add_func ("/loan/copy", test_copy);
  g_test_add_func ("/loan/kept", test_kept);
  return g_test_run ();
}
