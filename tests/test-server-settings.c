/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "devices/gauge.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-peer.h"

/* What a property is said to be at first is what it is. */
static void
test_defaults (void)
{
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  guint n = 0;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (server), &n);

  g_assert_cmpuint (n, >, 10);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      if ((pspecs[i]->flags & G_PARAM_CONSTRUCT_ONLY) != 0)
        continue;
      g_object_get_property (G_OBJECT (server), pspecs[i]->name, &value);
      if (!g_param_value_defaults (pspecs[i], &value))
        g_error ("%s", pspecs[i]->name);
    }
}

static void
note_notify (GObject    *object,
             GParamSpec *pspec,
             gpointer    user_data)
{
  g_string_append_printf (user_data, "%s ", pspec->name);
}

static void
assert_notified (GString    *notified,
                 const char *expected)
{
  g_assert_cmpstr (notified->str, ==, expected);
  g_string_truncate (notified, 0);
}

/* Each setting is the property of that name, and is told once when it changes. */
static void
test_settings (void)
{
  g_autoptr (PlantRpcServer) server =
      g_object_new (PLANT_RPC_TYPE_SERVER, "url", "tcp://127.0.0.1:*", "name", "cam",
                    "allow-stop", TRUE, "alive-timeout", 7, "exit-without-registry", TRUE,
                    "max-peer-calls", 3, "max-unread", (guint64) 5 * 1024 * 1024, NULL);
  g_autoptr (GString) notified = g_string_new (NULL);

  g_assert_cmpstr (plant_rpc_server_get_name (server), ==, "cam");
  g_assert_true (plant_rpc_server_get_allow_stop (server));
  g_assert_cmpuint (plant_rpc_server_get_alive_timeout (server), ==, 7);
  g_assert_true (plant_rpc_server_get_exit_without_registry (server));
  g_assert_cmpuint (plant_rpc_server_get_max_peer_calls (server), ==, 3);
  g_assert_cmpuint (plant_rpc_server_get_max_unread (server), ==, 5 * 1024 * 1024);

  g_signal_connect (server, "notify", G_CALLBACK (note_notify), notified);
  for (guint i = 0; i < 2; i++)
    {
      plant_rpc_server_set_name (server, NULL);
      plant_rpc_server_set_allow_stop (server, FALSE);
      plant_rpc_server_set_alive_timeout (server, 8);
      plant_rpc_server_set_exit_without_registry (server, FALSE);
      plant_rpc_server_set_max_peer_calls (server, 4);
      plant_rpc_server_set_max_unread (server, 6 * 1024 * 1024);
    }
  assert_notified (notified, "name allow-stop alive-timeout exit-without-registry max-peer-calls "
                             "max-unread ");
  g_assert_cmpstr (plant_rpc_server_get_name (server), ==, "");
  plant_rpc_server_set_allow_stop (server, 2);
  plant_rpc_server_set_exit_without_registry (server, 2);
  plant_rpc_server_set_allow_stop (server, TRUE);
  plant_rpc_server_set_exit_without_registry (server, TRUE);
  assert_notified (notified, "allow-stop exit-without-registry ");
  g_assert_true (plant_rpc_server_start (server, NULL));
  assert_notified (notified, "uuid url port running ");
  plant_rpc_server_stop (server);
  g_assert_nonnull (strstr (notified->str, "url "));
  g_assert_nonnull (strstr (notified->str, "port "));
  g_assert_nonnull (strstr (notified->str, "running "));
}

static void
assert_text (PlantRpcServer *server,
             const char     *property,
             const char     *expected)
{
  g_autofree char *text = NULL;

  g_object_get (server, property, &text, NULL);
  g_assert_cmpstr (text, ==, expected);
}

/* Each property has a value of its own, which is what its getter tells. */
static void
test_properties (void)
{
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  g_autoptr (PlantRpcServer) server =
      g_object_new (PLANT_RPC_TYPE_SERVER, "object", gauge, "url", "tcp://127.0.0.1:*", "name",
                    "cam", "alive-timeout", 7, "max-peer-calls", 3, "max-unread",
                    (guint64) 5 * 1024 * 1024, "exit-without-registry", TRUE, NULL);
  g_autoptr (TestPeer) peer = NULL;
  g_autoptr (GObject) object = NULL;
  gboolean running, allow_stop, exit_without_registry, registered;
  guint port, alive_timeout, max_peer_calls;
  guint64 max_unread;

  g_assert_true (plant_rpc_server_start (server, NULL));
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (server));
  test_wait_until (plant_rpc_server_get_peer_address (server) != NULL);
  g_object_get (server, "object", &object, "port", &port, "running", &running, "allow-stop",
                &allow_stop, "registered", &registered, "alive-timeout", &alive_timeout,
                "exit-without-registry", &exit_without_registry, "max-peer-calls", &max_peer_calls,
                "max-unread", &max_unread, NULL);
  g_assert_true (object == G_OBJECT (gauge));
  g_assert_cmpuint (port, ==, plant_rpc_server_get_port (server));
  g_assert_true (running && exit_without_registry);
  g_assert_false (allow_stop || registered);
  g_assert_cmpuint (alive_timeout, ==, 7);
  g_assert_cmpuint (max_peer_calls, ==, 3);
  g_assert_cmpuint (max_unread, ==, 5 * 1024 * 1024);
  assert_text (server, "url", plant_rpc_server_get_url (server));
  assert_text (server, "name", "cam");
  assert_text (server, "uuid", plant_rpc_server_get_uuid (server));
  assert_text (server, "peer-address", "127.0.0.1");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/server-settings/defaults", test_defaults);
  g_test_add_func ("/server-settings/settings", test_settings);
  g_test_add_func ("/server-settings/properties", test_properties);
  return g_test_run ();
}
