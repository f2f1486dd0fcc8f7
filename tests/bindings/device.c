/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The probe, served from C; device.py says how it is run. */

#include <gio/gunixinputstream.h>
#include <unistd.h>

#include "device.h"

#define URL "tcp://127.0.0.1:*"

#define TEST_TYPE_DEVICE (test_device_get_type ())
G_DECLARE_FINAL_TYPE (TestDevice, test_device, TEST, DEVICE, GObject)

struct _TestDevice {
  GObject parent_instance;
};

static void
implement_probe (TestProbeInterface *iface)
{
}

G_DEFINE_TYPE_WITH_CODE (TestDevice, test_device, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (TEST_TYPE_PROBE, implement_probe))

static void
test_device_class_init (TestDeviceClass *klass)
{
  test_probe_class_init (G_OBJECT_CLASS (klass));
}

static void
test_device_init (TestDevice *self)
{
  test_probe_instance_init (TEST_PROBE (self));
}

/* The device that is its own server. */
#define TEST_TYPE_SERVER (test_server_get_type ())
G_DECLARE_FINAL_TYPE (TestServer, test_server, TEST, SERVER, PlantRpcServer)

struct _TestServer {
  PlantRpcServer parent_instance;
};

G_DEFINE_TYPE_WITH_CODE (TestServer, test_server, PLANT_RPC_TYPE_SERVER,
                         G_IMPLEMENT_INTERFACE (TEST_TYPE_PROBE, implement_probe))

static gboolean
write_property (PlantRpcServer      *self,
                PlantRpcInvocation  *write,
                const char          *name,
                GVariant            *value,
                GError             **error)
{
  return test_device_decide (write, name, value, self, error);
}

static gboolean
read_property (PlantRpcServer      *self,
               PlantRpcInvocation  *read,
               const char          *name,
               GError             **error)
{
  return test_device_answer_read (read, name, self, error);
}

static void
test_server_class_init (TestServerClass *klass)
{
  test_probe_class_init (G_OBJECT_CLASS (klass));
  PLANT_RPC_SERVER_CLASS (klass)->write_property = write_property;
  PLANT_RPC_SERVER_CLASS (klass)->read_property = read_property;
}

static void
test_server_init (TestServer *self)
{
  test_probe_instance_init (TEST_PROBE (self));
}

/* The server, with everything registered, not started. */
static PlantRpcServer *
make_server (gboolean itself)
{
  g_autoptr (GObject) device = NULL;
  PlantRpcServer *server;

  if (itself)
    {
      server = g_object_new (TEST_TYPE_SERVER, "url", URL, NULL);
      test_device_offer (TEST_PROBE (server), server);
      return server;
    }
  device = g_object_new (TEST_TYPE_DEVICE, NULL);
  server = plant_rpc_server_new (device, URL);
  plant_rpc_server_set_write_handler (server, test_device_decide, g_object_ref (device),
                                      g_object_unref);
  plant_rpc_server_set_read_handler (server, test_device_answer_read, g_object_ref (device),
                                     g_object_unref);
  plant_rpc_server_set_read_flags (server, "label", PLANT_RPC_METHOD_FLAGS_NONE);
  test_device_offer (TEST_PROBE (device), server);
  return server;
}

/* What a server tells before it runs. */
static void
check_idle (PlantRpcServer *server)
{
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;
  g_auto (GStrv) properties = NULL;

  plant_rpc_server_hide_member (server, "secret");
  plant_rpc_server_set_name (server, "probe");
  info = plant_rpc_server_dup_interface (server);
  properties = plant_rpc_interface_info_list_properties (info);
  g_assert_cmpstr (plant_rpc_server_get_url (server), ==, URL);
  g_assert_cmpuint (plant_rpc_server_get_port (server), ==, 0);
  g_assert_false (plant_rpc_server_get_running (server));
  g_assert_cmpstr (plant_rpc_server_get_name (server), ==, "probe");
  g_assert_null (plant_rpc_server_get_peer_address (server));
  g_assert_true (g_strv_contains ((const char *const *) properties, "video-url"));
  g_assert_null (plant_rpc_interface_info_lookup_property (info, "secret"));
  g_assert_true (plant_rpc_method_info_get_buffer (
      plant_rpc_interface_info_lookup_method (info, "get_image")));
}

static void
on_running (GObject    *server,
            GParamSpec *pspec,
            gpointer    user_data)
{
  gboolean *ended = user_data;

  *ended = !plant_rpc_server_get_running (PLANT_RPC_SERVER (server));
}

static void
on_input_closed (GObject      *stream,
                 GAsyncResult *result,
                 gpointer      server)
{
  plant_rpc_server_stop (server);
}

int
main (int    argc,
      char **argv)
{
  gboolean itself = argc > 1 && g_str_equal (argv[1], "--self");
  gboolean ended = FALSE;
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (PlantRpcServer) server = NULL;
  g_autoptr (GError) error = NULL;

  test_probe_declare_beside (TEST_TYPE_PROBE);
  server = make_server (itself);
  check_idle (server);
  g_assert_true ((plant_rpc_server_get_object (server) == G_OBJECT (server)) == itself);
  g_signal_connect (server, "notify::running", G_CALLBACK (on_running), &ended);
  g_input_stream_read_bytes_async (input, 1, G_PRIORITY_DEFAULT, NULL, on_input_closed, server);

  plant_rpc_server_start (server, &error);
  g_assert_no_error (error);
  g_assert_true (plant_rpc_server_get_running (server));
  g_assert_nonnull (plant_rpc_server_get_uuid (server));
  g_print ("{\"url\": \"%s\"}\n", plant_rpc_server_get_url (server));
  plant_rpc_server_serve_forever (server, &error);
  g_assert_no_error (error);
  g_assert_true (ended);
  g_assert_cmpuint (plant_rpc_server_get_port (server), ==, 0);
  g_assert_finalize_object (g_steal_pointer (&server));
  return 0;
}
