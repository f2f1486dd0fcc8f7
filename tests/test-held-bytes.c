/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-held-bytes-private.h"

static GBytes *
new_bytes (gsize size)
{
  return g_bytes_new_take (g_malloc0 (size), size);
}

static void
test_count (void)
{
  PlantRpcHeldBytes *unread = plant_rpc_held_bytes_new ();
  g_autoptr (GBytes) peer = g_bytes_new_static ("a", 1), other = g_bytes_new_static ("b", 1);
  g_autoptr (GBytes) bytes = new_bytes (1000);
  GBytes *first = plant_rpc_held_bytes_count (unread, peer, bytes);
  GBytes *second = plant_rpc_held_bytes_count (unread, peer, bytes);
  GBytes *third = plant_rpc_held_bytes_count (unread, other, bytes);

  g_assert_true (g_bytes_get_data (first, NULL) == g_bytes_get_data (bytes, NULL));
  g_assert_cmpuint (plant_rpc_held_bytes_get (unread, peer), ==, 2000);
  g_assert_cmpuint (plant_rpc_held_bytes_get (unread, other), ==, 1000);
  g_bytes_unref (first);
  g_assert_cmpuint (plant_rpc_held_bytes_get (unread, peer), ==, 1000);
  g_bytes_unref (second);
  g_bytes_unref (third);
  g_assert_cmpuint (plant_rpc_held_bytes_get (unread, peer), ==, 0);
  plant_rpc_held_bytes_free (unread);
}

static void
note_freed (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

/* Nothing reports which peers have left, so a peer that has read everything is forgotten. */
static void
test_forgotten (void)
{
  PlantRpcHeldBytes *unread = plant_rpc_held_bytes_new ();
  gboolean freed[2] = { FALSE, FALSE };
  GBytes *gone = g_bytes_new_with_free_func ("a", 1, note_freed, &freed[0]);
  GBytes *slow = g_bytes_new_with_free_func ("b", 1, note_freed, &freed[1]);
  g_autoptr (GBytes) another = g_bytes_new_static ("c", 1);
  g_autoptr (GBytes) bytes = new_bytes (10);
  GBytes *read = plant_rpc_held_bytes_count (unread, gone, bytes);
  GBytes *held = plant_rpc_held_bytes_count (unread, slow, bytes);

  g_bytes_unref (gone);
  g_bytes_unref (slow);
  g_bytes_unref (read);
  g_bytes_unref (plant_rpc_held_bytes_count (unread, another, bytes));
  g_assert_true (freed[0]);
  g_assert_false (freed[1]);
  plant_rpc_held_bytes_free (unread);
  g_bytes_unref (held);
}

static gpointer
let_go (gpointer bytes)
{
  g_bytes_unref (bytes);
  return NULL;
}

/* libzmq frees a message on its own thread, possibly after the server has ended. */
static void
test_other_thread (void)
{
  PlantRpcHeldBytes *unread = plant_rpc_held_bytes_new ();
  g_autoptr (GBytes) peer = g_bytes_new_static ("a", 1);
  g_autoptr (GBytes) bytes = new_bytes (10);
  GBytes *first = plant_rpc_held_bytes_count (unread, peer, bytes);
  GBytes *second = plant_rpc_held_bytes_count (unread, peer, bytes);

  g_thread_join (g_thread_new ("io", let_go, first));
  g_assert_cmpuint (plant_rpc_held_bytes_get (unread, peer), ==, 10);
  plant_rpc_held_bytes_free (unread);
  g_thread_join (g_thread_new ("io", let_go, second));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/held-bytes/count", test_count);
  g_test_add_func ("/held-bytes/forgotten", test_forgotten);
  g_test_add_func ("/held-bytes/other-thread", test_other_thread);
  return g_test_run ();
}
