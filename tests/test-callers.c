/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plant-rpc-callers-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-pulse-private.h"
#include "plant-rpc-test-ipv6.h"
#include "plant-rpc-test-wait.h"

/* How many bytes are said to have come on each connection. */
static guint64 n_received;

gboolean __wrap_plant_rpc_pulse_count_received (const PlantRpcPulse *pulse,
                                                guint64             *n_bytes);

gboolean
__wrap_plant_rpc_pulse_count_received (const PlantRpcPulse *pulse,
                                       guint64             *n_bytes)
{
  *n_bytes = n_received;
  return TRUE;
}

/* Both ends of a connection to a port. */
typedef struct {
  GSocket *listener; /* (owned) */
  GSocket *caller;   /* (owned) */
  GSocket *accepted; /* (owned) */
  guint16  port;
} Connection;

static void
connection_init (Connection *self,
                 const char *address)
{
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string (address, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  GSocketFamily family = g_socket_address_get_family (any);
  g_autoptr (GError) error = NULL;

  n_received = 0;
  self->listener = g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  self->caller = g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_socket_bind (self->listener, any, TRUE, &error);
  g_socket_listen (self->listener, &error);
  bound = g_socket_get_local_address (self->listener, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  g_socket_connect (self->caller, bound, NULL, &error);
  self->accepted = g_socket_accept (self->listener, NULL, &error);
  g_assert_no_error (error);
}

static void
connection_clear (Connection *self)
{
  g_object_unref (self->listener);
  g_object_unref (self->caller);
  g_object_unref (self->accepted);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Connection, connection_clear)

static gboolean
is_ended (Connection *self)
{
  char byte;

  return recv (g_socket_get_fd (self->caller), &byte, 1, MSG_DONTWAIT) == 0;
}

static PlantRpcCallers *
callers_new (guint16     port,
             const char *address)
{
  g_autoptr (PlantRpcOrigin) origin = plant_rpc_origin_new ("tcp://192.0.2.7:1", address);

  return plant_rpc_callers_new (origin, port);
}

/* A message may have so many bytes, counted from the end of the one before. */
static void
test_unfinished (void)
{
  g_auto (Connection) connection = { 0 };
  PlantRpcCallers *callers;
  int fd;

  connection_init (&connection, "127.0.0.1");
  fd = g_socket_get_fd (connection.accepted);
  callers = callers_new (connection.port, "127.0.0.1");
  plant_rpc_callers_accept (callers, fd);
  for (guint i = 0; i < 2; i++)
    {
      n_received += PLANT_RPC_MAX_UNFINISHED;
      g_assert_true (plant_rpc_callers_sweep (callers));
      g_assert_false (is_ended (&connection));
      plant_rpc_callers_note (callers, fd);
    }
  /* What comes from elsewhere is no end of a message here. */
  n_received += PLANT_RPC_MAX_UNFINISHED + 1;
  plant_rpc_callers_note (callers, -1);
  g_assert_true (plant_rpc_callers_sweep (callers));
  test_wait_for (is_ended (&connection));
  plant_rpc_callers_free (callers);
}

/* A message may be read before its connection is reported. */
static void
test_message_first (void)
{
  g_auto (Connection) connection = { 0 };
  PlantRpcCallers *callers;

  connection_init (&connection, "127.0.0.1");
  callers = callers_new (connection.port, "127.0.0.1");
  plant_rpc_callers_note (callers, g_socket_get_fd (connection.accepted));
  g_assert_true (plant_rpc_callers_has_server (callers));
  g_assert_true (plant_rpc_callers_sweep (callers));
  plant_rpc_callers_free (callers);
}

/* Only what has come to its own port is its own, and only once. */
static void
test_port (void)
{
  static const char *const addresses[] = { "127.0.0.1", "::1" };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_auto (Connection) connection = { 0 };
      PlantRpcCallers *own, *other;

      if (i == 1 && !test_has_ipv6 ())
        {
          g_test_skip ("there is no IPv6");
          return;
        }
      connection_init (&connection, addresses[i]);
      own = callers_new (connection.port, addresses[i]);
      other = callers_new (connection.port + 1, addresses[i]);
      plant_rpc_callers_accept (other, g_socket_get_fd (connection.accepted));
      g_assert_false (plant_rpc_callers_sweep (other));
      g_assert_false (plant_rpc_callers_has_server (other));
      plant_rpc_callers_accept (own, -1);
      g_assert_false (plant_rpc_callers_sweep (own));
      for (guint k = 0; k < PLANT_RPC_MAX_CALLERS + 1; k++)
        plant_rpc_callers_accept (own, g_socket_get_fd (connection.accepted));
      g_assert_true (plant_rpc_callers_sweep (own));
      g_assert_true (plant_rpc_callers_has_server (own));
      g_assert_false (is_ended (&connection));
      g_socket_close (connection.accepted, NULL);
      g_assert_false (plant_rpc_callers_sweep (own));
      g_assert_false (plant_rpc_callers_has_server (own));
      plant_rpc_callers_free (own);
      plant_rpc_callers_free (other);
    }
}

/* A stranger is watched too, but is no server. */
static void
test_stranger (void)
{
  g_auto (Connection) connection = { 0 };
  PlantRpcCallers *callers;

  connection_init (&connection, "127.0.0.1");
  callers = callers_new (connection.port, "192.0.2.8");
  plant_rpc_callers_accept (callers, g_socket_get_fd (connection.accepted));
  g_assert_false (plant_rpc_callers_has_server (callers));
  g_assert_true (plant_rpc_callers_sweep (callers));
  n_received = PLANT_RPC_MAX_UNFINISHED + 1;
  g_assert_true (plant_rpc_callers_sweep (callers));
  test_wait_for (is_ended (&connection));
  plant_rpc_callers_free (callers);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/callers/unfinished", test_unfinished);
  g_test_add_func ("/callers/message-first", test_message_first);
  g_test_add_func ("/callers/port", test_port);
  g_test_add_func ("/callers/stranger", test_stranger);

  return g_test_run ();
}
