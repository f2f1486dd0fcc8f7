/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-address-listener-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-test-peer.h"

/* ---- the linker replaces this call, so that seconds become milliseconds */

GSource *__wrap_g_timeout_source_new_seconds (guint interval);

static GPtrArray *timeouts; /* (element-type GSource): one for each listener, destroyed with it */

GSource *
__wrap_g_timeout_source_new_seconds (guint interval)
{
  GSource *source = g_timeout_source_new (interval);

  g_ptr_array_add (timeouts, g_source_ref (source));
  return source;
}

static guint
count_open (void)
{
  guint n = 0;

  for (guint i = 0; i < timeouts->len; i++)
    n += !g_source_is_destroyed (timeouts->pdata[i]);
  return n;
}

/* ---- the random number that is drawn for a port: the linker replaces this function too */

gint32 __real_g_random_int_range (gint32 begin, gint32 end);
gint32 __wrap_g_random_int_range (gint32 begin, gint32 end);

static gint32 drawn;  /* 0: a random number */
static guint n_draws; /* that give DRAWN */

gint32
__wrap_g_random_int_range (gint32 begin,
                           gint32 end)
{
  g_assert_cmpint (begin, ==, 49152);
  g_assert_cmpint (end, ==, 65536);
  if (drawn == 0 || n_draws == 0)
    return __real_g_random_int_range (begin, end);
  n_draws--;
  return drawn;
}

static guint16
open_one (PlantRpcAddressListener *listener,
          const char              *host)
{
  g_autoptr (GError) error = NULL;
  guint16 port = plant_rpc_address_listener_open (listener, host, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (port, >=, 49152);
  return port;
}

static gboolean
is_open_at (const char *host,
            guint16     port)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_to_host (client, host, port, NULL, NULL);

  return connection != NULL;
}

static gboolean
is_open (guint16 port)
{
  return is_open_at ("127.0.0.1", port);
}

static void
test_connection (void)
{
  PlantRpcAddressListener *listener =
      plant_rpc_address_listener_new (g_main_context_default ());
  guint16 first, second;

  first = open_one (listener, "127.0.0.1");
  second = open_one (listener, "eth0");
  g_assert_true (is_open (first));
  test_wait_until (count_open () <= 1);
  g_assert_false (is_open (first));
  test_wait_until (count_open () == 0);
  g_assert_false (is_open (second));
  plant_rpc_address_listener_free (listener);
}

/* A server that listens on all interfaces, or on one with a name, is found at any address of the
 * machine, and all of 127.0.0.0/8 is. One that listens at an address is found only there. */
static void
test_host (void)
{
  PlantRpcAddressListener *listener =
      plant_rpc_address_listener_new (g_main_context_default ());

  g_assert_true (is_open_at ("127.0.0.2", open_one (listener, "*")));
  g_assert_true (is_open_at ("127.0.0.2", open_one (listener, "lo")));
  g_assert_false (is_open_at ("127.0.0.2", open_one (listener, "127.0.0.1")));
  g_assert_true (is_open_at ("127.0.0.2", open_one (listener, "127.0.0.2")));
  plant_rpc_address_listener_free (listener);
}

/* Another port is drawn while the one drawn is in use, though not for ever. */
static void
test_port (void)
{
  PlantRpcAddressListener *listener =
      plant_rpc_address_listener_new (g_main_context_default ());
  g_autoptr (GError) error = NULL;

  drawn = open_one (listener, "127.0.0.1");
  n_draws = 50;
  g_assert_cmpuint (open_one (listener, "127.0.0.1"), !=, drawn);
  g_assert_cmpuint (n_draws, ==, 0);
  n_draws = G_MAXUINT;
  g_assert_cmpuint (plant_rpc_address_listener_open (listener, "127.0.0.1", &error), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_cmpuint (count_open (), ==, 2);
  drawn = 0;
  plant_rpc_address_listener_free (listener);
}

/* Returns how many descriptors the context waits for, and sets MS to how long; -1: for ever. */
static int
count_awaited (GMainContext *context,
               int          *ms)
{
  int priority, n;

  g_assert_true (g_main_context_acquire (context));
  g_main_context_prepare (context, &priority);
  n = g_main_context_query (context, G_MAXINT, ms, NULL, 0);
  g_main_context_release (context);
  return n;
}

/* The context goes as well, since a source that has leaked would stay in it. */
static void
test_freed (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  PlantRpcAddressListener *listener = plant_rpc_address_listener_new (context);
  int ms;
  const int n_before = count_awaited (context, &ms);
  const guint16 port = open_one (listener, "127.0.0.1");

  g_assert_cmpint (count_awaited (context, &ms), ==, n_before + 1);
  g_assert_cmpint (ms, >=, 0);
  plant_rpc_address_listener_free (listener);
  g_assert_false (is_open (port));
  g_assert_cmpint (count_awaited (context, &ms), ==, n_before);
  g_assert_cmpint (ms, ==, -1);
}

static void
test_bad_host (void)
{
  PlantRpcAddressListener *listener =
      plant_rpc_address_listener_new (g_main_context_default ());
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (plant_rpc_address_listener_open (listener, "203.0.113.1", &error), ==, 0);
  g_assert_nonnull (error);
  g_assert_cmpuint (count_open (), ==, 0);
  plant_rpc_address_listener_free (listener);
}

/* A listener to which no client connects is closed. */
static void
test_timeout (void)
{
  PlantRpcAddressListener *listener =
      plant_rpc_address_listener_new (g_main_context_default ());
  guint16 port;

  port = open_one (listener, "127.0.0.1");
  g_assert_cmpuint (count_open (), ==, 1);
  test_wait_until (count_open () == 0);
  g_assert_false (is_open (port));
  plant_rpc_address_listener_free (listener);
}

static void
test_limit (void)
{
  PlantRpcAddressListener *listener =
      plant_rpc_address_listener_new (g_main_context_default ());
  guint16 first, second;

  first = open_one (listener, "127.0.0.1");
  second = open_one (listener, "127.0.0.1");
  for (guint i = 2; i < PLANT_RPC_MAX_ADDRESS_LISTENERS; i++)
    open_one (listener, "127.0.0.1");
  g_assert_true (is_open (first));
  open_one (listener, "127.0.0.1");
  g_assert_cmpuint (count_open (), ==, PLANT_RPC_MAX_ADDRESS_LISTENERS);
  g_assert_false (is_open (first));
  g_assert_true (is_open (second));
  plant_rpc_address_listener_free (listener);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  timeouts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_source_unref);

  g_test_add_func ("/address-listener/connection", test_connection);
  g_test_add_func ("/address-listener/host", test_host);
  g_test_add_func ("/address-listener/port", test_port);
  g_test_add_func ("/address-listener/freed", test_freed);
  g_test_add_func ("/address-listener/bad-host", test_bad_host);
  g_test_add_func ("/address-listener/timeout", test_timeout);
  g_test_add_func ("/address-listener/limit", test_limit);
  return g_test_run ();
}
