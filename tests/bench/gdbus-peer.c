/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>

#include "bench-dictionary.h"

/* GDBus from peer to peer, without a bus: one connection for each client, buffers as “ay”. */

#define PATH      "/device"
#define INTERFACE "org.example.Device"

typedef struct {
  GDBusConnection *connection;
  int              n; /* signals heard */
} Client;

static const char introspection[] =
    "<node><interface name='" INTERFACE "'>"
    "<property name='" BENCH_PROPERTY "' type='s' access='read'/>"
    "<method name='Echo'>"
    "<arg type='a{sv}' direction='in'/><arg type='a{sv}' direction='out'/>"
    "</method>"
    "<method name='Fetch'>"
    "<arg type='b' direction='in'/>"
    "<arg type='ay' direction='out'/><arg type='a{sv}' direction='out'/>"
    "</method>"
    "<method name='Burst'><arg type='i' direction='in'/></method>"
    "<signal name='Tick'><arg type='i'/></signal>"
    "</interface></node>";

static GPtrArray *connections;
static GDBusInterfaceInfo *interface;

static const char *
get_address (const BenchAddress *address)
{
  static char text[160];

  if (address->tcp)
    g_snprintf (text, sizeof text, "tcp:host=127.0.0.1,port=%d", address->port);
  else
    g_snprintf (text, sizeof text, "unix:path=%s", address->path);
  return text;
}

/* ---- server */

static GVariant *
on_get (GDBusConnection  *connection,
        const char       *sender,
        const char       *path,
        const char       *interface_name,
        const char       *name,
        GError          **error,
        gpointer          user_data)
{
  return g_variant_new_string (BENCH_VALUE);
}

static void
return_buffer (GDBusMethodInvocation *invocation,
               gboolean               big)
{
  static GBytes *buffers[2];
  GVariant *bytes;

  big = big ? 1 : 0;
  if (buffers[big] == NULL)
    buffers[big] = g_bytes_new_static (bench_buffer (), big ? BENCH_BIG : BENCH_SMALL);
  bytes = g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, buffers[big], TRUE);
  g_dbus_method_invocation_return_value (invocation,
                                         g_variant_new ("(@ay@a{sv})", bytes, bench_get_info ()));
}

static void
emit (int n)
{
  for (int i = 0; i < n; i++)
    {
      for (guint k = 0; k < connections->len; k++)
        BENCH_CHECK (g_dbus_connection_emit_signal (connections->pdata[k], NULL, PATH, INTERFACE,
                                                    "Tick", g_variant_new ("(i)", i), NULL));
    }
}

static void
on_call (GDBusConnection       *connection,
         const char            *sender,
         const char            *path,
         const char            *interface_name,
         const char            *method,
         GVariant              *args,
         GDBusMethodInvocation *invocation,
         gpointer               user_data)
{
  if (g_str_equal (method, "Echo"))
    {
      g_dbus_method_invocation_return_value (invocation, args);
    }
  else if (g_str_equal (method, "Fetch"))
    {
      gboolean big;

      g_variant_get (args, "(b)", &big);
      return_buffer (invocation, big);
    }
  else
    {
      int n;

      g_variant_get (args, "(i)", &n);
      g_dbus_method_invocation_return_value (invocation, NULL);
      emit (n);
    }
}

static gboolean
on_connection (GDBusServer     *server,
               GDBusConnection *connection,
               gpointer         user_data)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call, .get_property = on_get };

  g_ptr_array_add (connections, g_object_ref (connection));
  BENCH_CHECK (g_dbus_connection_register_object (connection, PATH, interface, &vtable, NULL, NULL,
                                                  NULL) != 0);
  return TRUE;
}

static void
serve (const BenchAddress *address)
{
  char *guid = g_dbus_generate_guid ();
  GDBusServer *server =
      g_dbus_server_new_sync (get_address (address),
                              G_DBUS_SERVER_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS, guid, NULL, NULL,
                              NULL);

  BENCH_CHECK (server != NULL);
  connections = g_ptr_array_new ();
  interface = g_dbus_node_info_new_for_xml (introspection, NULL)->interfaces[0];
  g_signal_connect (server, "new-connection", G_CALLBACK (on_connection), NULL);
  g_dbus_server_start (server);
  bench_ready ();
  g_main_loop_run (g_main_loop_new (NULL, FALSE));
}

/* ---- client */

static void *
open_client (const BenchAddress *address)
{
  Client *self = g_new0 (Client, 1);

  /* Its backlog is ten: of a crowd some are refused at first. */
  for (int i = 0; self->connection == NULL && i < 1000; i++)
    {
      self->connection = g_dbus_connection_new_for_address_sync (
          get_address (address), G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, NULL);
      if (self->connection == NULL)
        g_usleep (2000);
    }
  BENCH_CHECK (self->connection != NULL);
  return self;
}

static GVariant *
call (Client     *self,
      const char *interface_name,
      const char *method,
      GVariant   *args,
      const char *type)
{
  GVariant *reply =
      g_dbus_connection_call_sync (self->connection, NULL, PATH, interface_name, method, args,
                                   G_VARIANT_TYPE (type), G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  BENCH_CHECK (reply != NULL);
  return reply;
}

static void
get (void *client)
{
  g_autoptr (GVariant) reply = call (client, "org.freedesktop.DBus.Properties", "Get",
                                    g_variant_new ("(ss)", INTERFACE, BENCH_PROPERTY), "(v)");
  g_autoptr (GVariant) value = NULL;

  g_variant_get (reply, "(v)", &value);
  BENCH_CHECK (g_str_equal (g_variant_get_string (value, NULL), BENCH_VALUE));
}

static void
echo (void *client)
{
  g_autoptr (GVariant) reply = call (client, INTERFACE, "Echo",
                                    g_variant_new ("(@a{sv})", bench_build_args ()), "(a{sv})");
  g_autoptr (GVariant) result = g_variant_get_child_value (reply, 0);

  bench_check_args (result);
}

static void
fetch (void *client,
       bool  big)
{
  g_autoptr (GVariant) reply = call (client, INTERFACE, "Fetch", g_variant_new ("(b)", big),
                                    "(aya{sv})");
  g_autoptr (GVariant) bytes = g_variant_get_child_value (reply, 0);
  g_autoptr (GVariant) info = g_variant_get_child_value (reply, 1);
  int width = 0;
  gsize size;
  const void *data = g_variant_get_fixed_array (bytes, &size, 1);

  bench_touch (data, size, big ? BENCH_BIG : BENCH_SMALL);
  BENCH_CHECK (g_variant_lookup (info, "width", "i", &width) && width == BENCH_WIDTH);
}

static void
on_tick (GDBusConnection *connection,
         const char      *sender,
         const char      *path,
         const char      *interface_name,
         const char      *name,
         GVariant        *args,
         gpointer         user_data)
{
  Client *self = user_data;
  int value;

  g_variant_get (args, "(i)", &value);
  BENCH_CHECK (value == self->n);
  self->n++;
}

/* The server emits to every connection. */
static void
subscribe (void *client)
{
  Client *self = client;

  g_dbus_connection_signal_subscribe (self->connection, NULL, INTERFACE, "Tick", PATH, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NO_MATCH_RULE, on_tick, self, NULL);
}

static void
burst (void *client,
       int   n)
{
  g_variant_unref (call (client, INTERFACE, "Burst", g_variant_new ("(i)", n), "()"));
}

static void
pump (void **clients,
      int    n_clients,
      int    n)
{
  for (int i = 0; i < n_clients; i++)
    {
      Client *client = clients[i];

      while (client->n < n)
        g_main_context_iteration (NULL, TRUE);
    }
  for (int i = 0; i < n_clients; i++)
    ((Client *) clients[i])->n = 0;
}

static const BenchPeer peer = {
  "gdbus", serve, open_client, get, echo, fetch, subscribe, burst, pump,
};

BENCH_MAIN (peer)
