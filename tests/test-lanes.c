/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/epoll.h>

#include "devices/gauge.h"
#include "plant-rpc-client.h"
#include "plant-rpc-error.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-lane.h"
#include "plant-rpc-test-stand.h"

/* A server and a client of it in one process. The test finds the server's end of the lane among the
 * descriptors of the process, and ends it as a network would. */

/* calls after which a lane stands */
#define WARM_UP  60
#define LARGE    (300 * 1000) /* bytes of text */
#define N_RANDOM 10

typedef struct {
  TestGauge      *gauge;
  PlantRpcServer *server;
  PlantRpcClient *client;
  guint16         port;     /* of the server */
  gboolean        tcp;      /* lanes are of TCP */
  guint           n_sent;
  guint           n_run;    /* calls that have reached the handler */
  guint           n_done;
  GHashTable     *seen;     /* (element-type int): the numbers that the handler got */
  guint           n_signals;
  guint           n_lost;   /* times that signals were told to be lost */
} Fixture;

/* ---- a function that the library calls instead of that of the system */

int __wrap_epoll_ctl (int epoll, int operation, int fd, struct epoll_event *event);
int __real_epoll_ctl (int epoll, int operation, int fd, struct epoll_event *event);

static int failing_operation;
static guint n_failed;

int
__wrap_epoll_ctl (int                 epoll,
                  int                 operation,
                  int                 fd,
                  struct epoll_event *event)
{
  if (operation != failing_operation)
    return __real_epoll_ctl (epoll, operation, fd, event);
  n_failed++;
  errno = ENOMEM;
  return -1;
}

/* ---- the device */

static void
handle_number (PlantRpcInvocation  *invocation,
               gpointer             user_data,
               GError             **error)
{
  Fixture *self = user_data;
  GVariant *args = plant_rpc_invocation_get_args (invocation);
  g_autoptr (GVariant) number = NULL;
  g_autoptr (GVariant) text = NULL;

  g_variant_get_child (args, 0, "v", &number);
  g_variant_get_child (args, 1, "v", &text);
  g_assert_true (g_hash_table_add (self->seen,
                                   GINT_TO_POINTER (g_variant_get_int32 (number) + 1)));
  self->n_run++;
  plant_rpc_invocation_return_value (invocation, text);
}

static void
on_signal (PlantRpcClient *client,
           const char     *name,
           GVariant       *args,
           gpointer        user_data)
{
  Fixture *self = user_data;
  g_autoptr (GVariant) value = NULL;

  g_variant_get_child (args, 0, "v", &value);
  g_assert_cmpfloat (g_variant_get_double (value), ==, self->n_signals);
  self->n_signals++;
}

static void
on_lost (PlantRpcClient *client,
         guint64         n_lost,
         gpointer        user_data)
{
  ((Fixture *) user_data)->n_lost++;
}

static void
connect_client (Fixture    *self,
                const char *url)
{
  self->client = plant_rpc_client_new (url);
  g_signal_connect (self->client, "signal-received::measured", G_CALLBACK (on_signal), self);
  g_signal_connect (self->client, "signals-lost", G_CALLBACK (on_lost), self);
  while (!plant_rpc_client_is_ready (self->client))
    g_main_context_iteration (NULL, TRUE);
}

static void
start_server (Fixture    *self,
              const char *url)
{
  g_autoptr (GError) error = NULL;

  self->server = plant_rpc_server_new (G_OBJECT (self->gauge), url);
  plant_rpc_server_register_method_json (self->server, "number", "number, text", 0,
                                         PLANT_RPC_METHOD_FLAGS_NONE, handle_number, self, NULL);
  plant_rpc_server_start (self->server, &error);
  g_assert_no_error (error);
  self->port = plant_rpc_server_get_port (self->server);
}

/* DATA is the URL of the server and what the environment asks for, with a blank between. */
static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_auto (GStrv) words = g_strsplit (data, " ", 2);
  g_autofree char *url = test_make_own_url (words[0]);

  g_setenv ("PLANTRPC_LANE", words[1], TRUE);
  self->tcp = g_str_equal (words[1], "tcp");
  self->seen = g_hash_table_new (NULL, NULL);
  self->gauge = test_gauge_new ();
  start_server (self, url);
  connect_client (self, plant_rpc_server_get_url (self->server));
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_client_close (self->client);
  g_assert_finalize_object (self->client);
  plant_rpc_server_stop (self->server);
  g_assert_finalize_object (self->server);
  g_assert_finalize_object (self->gauge);
  g_hash_table_unref (self->seen);
}

/* ---- calls */

static void
on_called (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  Fixture *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) text = plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result,
                                                            &error);

  g_assert_no_error (error);
  g_assert_true (g_variant_is_of_type (text, G_VARIANT_TYPE_STRING));
  self->n_done++;
}

/* The result is floating. */
static GVariant *
make_args (Fixture *self,
           gsize    size)
{
  g_autofree char *text = g_strnfill (size, 'x');

  return g_variant_new ("(is)", self->n_sent++, text);
}

static void
call (Fixture *self,
      gsize    size)
{
  plant_rpc_client_call (self->client, "number", make_args (self, size), NULL,
                         PLANT_RPC_TIMEOUT_NONE, NULL, on_called, self);
}

static void
wait_done (Fixture *self)
{
  while (self->n_done < self->n_sent)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (self->n_run, ==, self->n_sent);
}

/* ---- the lane */

/* Returns the server's end of the lane, or -1. */
static int
find_lane (Fixture *self)
{
  return test_lane_find_of_server (self->port, self->tcp);
}

static void
warm_up (Fixture *self)
{
  for (guint i = 0; i < WARM_UP; i++)
    {
      call (self, 10);
      wait_done (self);
    }
}

static void
cut (Fixture *self)
{
  test_lane_cut (find_lane (self));
}

/* ---- tests */

static void
test_stands (Fixture       *self,
             gconstpointer  data)
{
  warm_up (self);
  g_assert_cmpint (find_lane (self), >=, 0);
  for (guint i = 0; i < 20; i++)
    call (self, i % 4 == 0 ? LARGE : 10);
  wait_done (self);
}

static void
test_none (Fixture       *self,
           gconstpointer  data)
{
  warm_up (self);
  g_assert_cmpint (find_lane (self), ==, -1);
}

/* A client that has little to say opens none. */
static void
test_few (Fixture       *self,
          gconstpointer  data)
{
  for (guint i = 0; i < 5; i++)
    {
      call (self, 10);
      wait_done (self);
    }
  g_assert_cmpint (find_lane (self), ==, -1);
}

/* No call is lost, or run twice; no signal is lost, or comes twice, or out of order. */
static void
test_cut (Fixture       *self,
          gconstpointer  data)
{
  guint n_emitted = 0;
  const guint n_turns = g_test_rand_int_range (0, 40);

  warm_up (self);
  for (guint i = 0; i < 200; i++)
    {
      call (self, i % 16 == 0 ? LARGE : 10);
      test_gauge_measure (self->gauge, n_emitted++, "mm");
    }
  for (guint i = 0; i < n_turns; i++)
    g_main_context_iteration (NULL, FALSE);
  cut (self);
  for (guint i = 0; i < 50; i++)
    {
      call (self, i % 16 == 0 ? LARGE : 10);
      test_gauge_measure (self->gauge, n_emitted++, "mm");
      g_main_context_iteration (NULL, FALSE);
    }
  wait_done (self);
  while (self->n_signals < n_emitted)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (self->n_lost, ==, 0);
  g_assert_cmpint (plant_rpc_client_get_state (self->client), ==, PLANT_RPC_STATE_READY);
  warm_up (self);
}

/* The first message over the lane has hardly gone out when it ends. */
static void
test_cut_early (Fixture       *self,
                gconstpointer  data)
{
  while (find_lane (self) < 0)
    {
      call (self, 10);
      g_main_context_iteration (NULL, FALSE);
    }
  cut (self);
  wait_done (self);
  warm_up (self);
}

/* A client that does not run its loop finds out by the next call. */
static void
test_cut_idle (Fixture       *self,
               gconstpointer  data)
{
  warm_up (self);
  cut (self);
  g_usleep (20 * 1000);
  call (self, 10);
  wait_done (self);
}

/* The client connects again, and gets another lane. */
static void
test_restarted (Fixture       *self,
                gconstpointer  data)
{
  g_autofree char *url = g_strdup (plant_rpc_server_get_url (self->server));

  warm_up (self);
  g_assert_cmpint (find_lane (self), >=, 0);
  plant_rpc_server_stop (self->server);
  g_assert_finalize_object (self->server);
  while (plant_rpc_client_is_ready (self->client))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (find_lane (self), ==, -1);
  start_server (self, url);
  warm_up (self);
  g_assert_cmpint (find_lane (self), >=, 0);
}

/* Lanes come and go while all goes on. */
static void
test_random (Fixture       *self,
             gconstpointer  data)
{
  g_autofree char *url = g_strdup (plant_rpc_server_get_url (self->server));
  guint n_emitted = 0;

  for (guint i = 0; i < N_RANDOM; i++)
    {
      const gboolean cuts = g_test_rand_int_range (0, 3) > 0;

      warm_up (self);
      for (gint n = g_test_rand_int_range (1, 60); n > 0; n--)
        {
          call (self, g_test_rand_int_range (0, 10) == 0 ? LARGE : 10);
          test_gauge_measure (self->gauge, n_emitted++, "mm");
          for (gint turns = g_test_rand_int_range (0, 4); turns > 0; turns--)
            g_main_context_iteration (NULL, FALSE);
          if (cuts && n == 10)
            cut (self);
        }
      wait_done (self);
      while (self->n_signals < n_emitted)
        g_main_context_iteration (NULL, TRUE);
      plant_rpc_client_close (self->client);
      g_assert_finalize_object (self->client);
      connect_client (self, url);
    }
  g_assert_cmpuint (self->n_lost, ==, 0);
}

/* The system has no memory to watch a lane, or to watch it for room. */
static void
fail_to_watch (Fixture *self,
               int      operation)
{
  failing_operation = operation;
  n_failed = 0;
  warm_up (self);
  for (guint i = 0; i < 20; i++)
    call (self, LARGE);
  wait_done (self);
  failing_operation = 0;
  g_assert_cmpuint (n_failed, >, 0);
  g_assert_cmpint (find_lane (self), ==, -1);
  warm_up (self);
}

static void
test_unwatched (Fixture       *self,
                gconstpointer  data)
{
  fail_to_watch (self, EPOLL_CTL_ADD);
}

static void
test_unwatched_room (Fixture       *self,
                     gconstpointer  data)
{
  fail_to_watch (self, EPOLL_CTL_MOD);
}

/* ---- a device that ends */

typedef struct {
  guint n_ended;
  guint n_unsent;
} Leaving;

static void
on_left (GObject      *client,
         GAsyncResult *result,
         gpointer      user_data)
{
  Leaving *leaving = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) text = plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result,
                                                            &error);

  leaving->n_ended++;
  leaving->n_unsent += error != NULL && !plant_rpc_error_may_have_run (error);
}

/* The lane has no room for all of what is called, so the end of the device finds some of it here:
 * that has not run. */
static void
test_device_ends (Fixture       *self,
                  gconstpointer  data)
{
  Leaving leaving = { 0, 0 };
  const guint n_calls = 60;
  guint n_run;

  warm_up (self);
  n_run = self->n_run;
  for (guint i = 0; i < n_calls; i++)
    plant_rpc_client_call (self->client, "number", make_args (self, LARGE), NULL,
                           PLANT_RPC_TIMEOUT_NONE, NULL, on_left, &leaving);
  plant_rpc_server_stop (self->server);
  while (leaving.n_ended < n_calls)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (leaving.n_unsent, >, 0);
  g_assert_cmpuint (self->n_run - n_run + leaving.n_unsent, <=, n_calls);
}

/* What is written when the client closes reaches the device. */
static void
test_closing (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_int32 (35));

  warm_up (self);
  plant_rpc_client_write_property (self->client, "level", value, NULL, NULL, NULL);
  plant_rpc_client_close (self->client);
  while (test_gauge_get_level (self->gauge) != 35)
    g_main_context_iteration (NULL, TRUE);
}

/* ---- what stands between */

static gboolean
on_incoming (GThreadedSocketService *service,
             GSocketConnection      *connection,
             GObject                *source,
             gpointer                user_data)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) other = g_socket_client_connect_to_host (
      client, "127.0.0.1", ((Fixture *) user_data)->port, NULL, NULL);

  g_io_stream_splice_async (G_IO_STREAM (connection), G_IO_STREAM (other),
                            G_IO_STREAM_SPLICE_CLOSE_STREAM1 | G_IO_STREAM_SPLICE_CLOSE_STREAM2,
                            G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  return TRUE;
}

/* A lane would pass a relay by, which may be there for a reason. */
static void
test_relay (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (GSocketService) relay = g_socket_service_new ();
  const guint16 port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (relay), NULL, NULL);
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u", port);

  g_signal_connect (relay, "incoming", G_CALLBACK (on_incoming), self);
  g_socket_service_start (relay);
  plant_rpc_client_close (self->client);
  g_assert_finalize_object (self->client);
  connect_client (self, url);
  warm_up (self);
  g_assert_cmpint (find_lane (self), ==, -1);
  g_socket_service_stop (relay);
  g_socket_listener_close (G_SOCKET_LISTENER (relay));
}

#define add(name, url, func)                                                                     \
  g_test_add ("/lanes/" name, Fixture, url, set_up, func, tear_down)
#define add_all(name, func)                                                                      \
  add (name "/unix", "tcp://127.0.0.1:* unix", func);                                            \
  add (name "/tcp", "tcp://127.0.0.1:* tcp", func);                                              \
  add (name "/ipc", "ipc://@lanes-of-plantrpc unix", func)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_all ("stands", test_stands);
  add_all ("few", test_few);
  add ("none", "tcp://127.0.0.1:* none", test_none);
  add_all ("cut", test_cut);
  add_all ("cut-early", test_cut_early);
  add_all ("cut-idle", test_cut_idle);
  add_all ("restarted", test_restarted);
  add_all ("random", test_random);
  add_all ("unwatched", test_unwatched);
  add ("unwatched-room", "tcp://127.0.0.1:* unix", test_unwatched_room);
  add_all ("device-ends", test_device_ends);
  add_all ("closing", test_closing);
  add ("relay", "tcp://127.0.0.1:* unix", test_relay);

  return g_test_run ();
}
