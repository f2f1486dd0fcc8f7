/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-error.h"
#include "plant-rpc-registry.h"

typedef struct {
  guint n_url;
  guint n_port;
  guint n_running;
} Notified;

static void
note_property (PlantRpcRegistry *registry,
               GParamSpec       *pspec,
               Notified         *notified)
{
  gboolean running = plant_rpc_registry_get_running (registry);

  g_assert_cmpint (plant_rpc_registry_get_port (registry) > 0, ==, running);
  g_assert_cmpint (g_str_has_suffix (plant_rpc_registry_get_url (registry), ":*"), ==, !running);
  notified->n_url += g_str_equal (pspec->name, "url");
  notified->n_port += g_str_equal (pspec->name, "port");
  notified->n_running += g_str_equal (pspec->name, "running");
}

static void
assert_notified (const Notified *notified,
                 guint           n)
{
  g_assert_cmpuint (notified->n_url, ==, n);
  g_assert_cmpuint (notified->n_port, ==, n);
  g_assert_cmpuint (notified->n_running, ==, n);
}

/* Starting and stopping change all properties, which are told once all have changed. */
static void
test_notify (void)
{
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  Notified notified = { 0 };

  g_signal_connect (registry, "notify", G_CALLBACK (note_property), &notified);
  g_assert_true (plant_rpc_registry_start (registry, NULL));
  assert_notified (&notified, 1);
  g_assert_true (plant_rpc_registry_start (registry, NULL));
  assert_notified (&notified, 1);
  plant_rpc_registry_stop (registry);
  plant_rpc_registry_stop (registry);
  assert_notified (&notified, 2);
}

/* Without a port the system picks one. */
static void
test_no_port (void)
{
  static const char *const urls[] = { "tcp://127.0.0.1", "tcp://127.0.0.1:0" };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new (urls[i]);
      g_autofree char *expected = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (plant_rpc_registry_start (registry, &error));
      g_assert_no_error (error);
      expected = g_strdup_printf ("tcp://127.0.0.1:%u", plant_rpc_registry_get_port (registry));
      g_assert_cmpstr (plant_rpc_registry_get_url (registry), ==, expected);
    }
}

static void
test_urls (void)
{
  g_autoptr (PlantRpcRegistry) first = plant_rpc_registry_new (NULL);
  g_autoptr (PlantRpcRegistry) bad = plant_rpc_registry_new ("nonsense");
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (plant_rpc_registry_get_url (first), ==, "tcp://127.0.0.1:5555");
  g_assert_false (plant_rpc_registry_start (bad, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/registry-start/notify", test_notify);
  g_test_add_func ("/registry-start/no-port", test_no_port);
  g_test_add_func ("/registry-start/urls", test_urls);
  return g_test_run ();
}
