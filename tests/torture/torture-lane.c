/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <unistd.h>

#include "plant-rpc-test-lane.h"
#include "torture.h"

/* Conversations that are long enough for a lane, which is cut in the end. Whatever fails of it, all
 * goes on over the ordinary connection: only a failure of libzmq may end a call with an error, and
 * no call runs twice. */

#define N_BEFORE  30 /* calls, one after the other, by which a lane stands */
#define N_BURST   20
#define MAX_CALLS (2 * N_BEFORE + 3 * N_BURST)
#define LARGE     (300 * 1000) /* bytes of text */

typedef struct {
  guint    n_run;
  gboolean ended;
  gboolean good;
  gboolean safe; /* TRUE: its error says that it has not run */
} Call;

typedef struct {
  TestGauge      *gauge;
  PlantRpcServer *server;
  PlantRpcClient *client;
  gboolean        tcp;
  Call            calls[MAX_CALLS];
  guint           n_calls;
  double          n_emitted;
  double          next;    /* signal that is due */
  gboolean        is_told; /* TRUE: signals may have been lost since the last one */
} Lane;

/* ---- the device */

static void
handle_number (PlantRpcInvocation  *invocation,
               gpointer             user_data,
               GError             **error)
{
  GVariant *args = plant_rpc_invocation_get_args (invocation);
  g_autoptr (GVariant) number = NULL;
  g_autoptr (GVariant) text = NULL;

  g_variant_get_child (args, 0, "v", &number);
  g_variant_get_child (args, 1, "v", &text);
  ((Lane *) user_data)->calls[g_variant_get_int32 (number)].n_run++;
  plant_rpc_invocation_return_value (invocation, text);
}

/* ---- the client */

static void
on_measured (PlantRpcClient *client,
             const char     *name,
             GVariant       *args,
             gpointer        user_data)
{
  Lane *self = user_data;
  g_autoptr (GVariant) value = NULL;
  double number;

  g_variant_get_child (args, 0, "v", &value);
  number = g_variant_get_double (value);
  g_assert_cmpfloat (number, >=, self->next);
  g_assert_true (number == self->next || self->is_told);
  self->next = number + 1;
  self->is_told = FALSE;
}

static void
note_told (gpointer user_data)
{
  ((Lane *) user_data)->is_told = TRUE;
}

static void
on_called (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  Call *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) text = plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result,
                                                            &error);

  g_assert_false (call->ended);
  call->ended = TRUE;
  call->safe = error != NULL && !plant_rpc_error_may_have_run (error);
  call->good = torture_check (text != NULL, &error);
}

static GVariant *
make_args (guint number,
           gsize size)
{
  g_autofree char *text = g_strnfill (size, 'x');

  return g_variant_new ("(is)", number, text);
}

static void
call (Lane  *self,
      gsize  size)
{
  const guint number = self->n_calls++;

  plant_rpc_client_call (self->client, "number", make_args (number, size), NULL,
                         PLANT_RPC_TIMEOUT_NONE, NULL, on_called, &self->calls[number]);
}

static gboolean
have_ended (Lane *self)
{
  for (guint i = 0; i < self->n_calls; i++)
    {
      if (!self->calls[i].ended)
        return FALSE;
    }
  return TRUE;
}

static void
call_one_by_one (Lane  *self,
                 guint  n)
{
  for (guint i = 0; i < n; i++)
    {
      call (self, 10);
      torture_expect (have_ended (self));
    }
}

static void
call_at_once (Lane  *self,
              guint  n)
{
  for (guint i = 0; i < n; i++)
    {
      call (self, i % 8 == 0 ? LARGE : 10);
      test_gauge_measure (self->gauge, self->n_emitted++, "mm");
    }
}

/* ---- conversations */

/* Returns FALSE if the server could not start. */
static gboolean
start (Lane       *self,
       const char *url,
       const char *kind)
{
  g_setenv ("PLANTRPC_LANE", kind, TRUE);
  self->tcp = g_str_equal (kind, "tcp");
  self->gauge = test_gauge_new ();
  self->server = torture_serve (self->gauge, url);
  if (self->server == NULL)
    return FALSE;
  plant_rpc_server_register_method_json (self->server, "number", "number, text", 0,
                                         PLANT_RPC_METHOD_FLAGS_NONE, handle_number, self, NULL);
  return TRUE;
}

static void
stop (Lane *self)
{
  torture_check_served (plant_rpc_server_get_url (self->server));
  plant_rpc_server_stop (self->server);
  g_object_unref (self->server);
  g_object_unref (self->gauge);
}

static void
cut (Lane *self)
{
  const int fd = test_lane_find_of_server (plant_rpc_server_get_port (self->server), self->tcp);

  if (fd >= 0)
    test_lane_cut (fd);
  else if (torture_get_failed () == NULL)
    g_error ("There is no lane");
}

static void
check_calls (Lane *self)
{
  const char *failed = torture_get_failed ();

  for (guint i = 0; i < self->n_calls; i++)
    {
      const Call *call = &self->calls[i];

      g_assert_cmpuint (call->n_run, <=, call->safe ? 0 : 1);
      if (call->good)
        g_assert_cmpuint (call->n_run, ==, 1);
      else if (failed == NULL || !g_str_has_prefix (failed, "zmq_"))
        g_error ("Call %u was lost", i);
    }
}

static void
converse (Lane *self)
{
  self->client = plant_rpc_client_new (plant_rpc_server_get_url (self->server));
  g_signal_connect (self->client, "signal-received::measured", G_CALLBACK (on_measured), self);
  g_signal_connect_swapped (self->client, "signals-lost", G_CALLBACK (note_told), self);
  g_signal_connect_swapped (self->client, "notify::state", G_CALLBACK (note_told), self);
  torture_expect (plant_rpc_client_is_ready (self->client));
  call_one_by_one (self, N_BEFORE);
  /* A client that has heard nothing for a while asks whether the lane still stands. */
  g_usleep (2000);
  call_at_once (self, N_BURST);
  torture_expect (have_ended (self));
  call_at_once (self, N_BURST);
  for (guint i = 0; i < 3; i++)
    torture_iterate ();
  cut (self);
  call_at_once (self, N_BURST);
  torture_expect (have_ended (self));
  torture_expect (self->next == self->n_emitted || self->is_told);
  check_calls (self);
  plant_rpc_client_close (self->client);
  g_clear_object (&self->client);
}

static void
torture_lane (const char *url,
              const char *kind)
{
  g_autofree Lane *self = g_new0 (Lane, 1);

  if (start (self, url, kind))
    {
      converse (self);
      stop (self);
    }
  else
    g_object_unref (self->gauge);
}

void
torture_lane_unix (void)
{
  torture_lane (NULL, "unix");
}

void
torture_lane_tcp (void)
{
  torture_lane (NULL, "tcp");
}

void
torture_lane_ipc (void)
{
  g_autofree char *url = g_strdup_printf ("ipc://@torture-%d", (int) getpid ());

  torture_lane (url, "unix");
}

/* ---- a caller that blocks, in another thread than the server */

static void
call_and_wait (Lane           *self,
               PlantRpcClient *client,
               guint           n)
{
  for (guint i = 0; i < n; i++)
    {
      const guint number = self->n_calls++;
      Call *call = &self->calls[number];
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) text = plant_rpc_client_call_sync (
          client, "number", make_args (number, i % 8 == 0 ? LARGE : 10), NULL,
          PLANT_RPC_TIMEOUT_NONE, NULL, &error);

      call->safe = error != NULL && !plant_rpc_error_may_have_run (error);
      call->good = torture_check (text != NULL, &error);
    }
}

static void
lose_lane (Lane *self)
{
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new (plant_rpc_server_get_url (self->server));

  call_and_wait (self, client, N_BEFORE);
  cut (self);
  call_and_wait (self, client, N_BURST);
  plant_rpc_client_close (client);
}

/* The client closes before all is written to the lane. */
static void
close_early (Lane *self)
{
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new (plant_rpc_server_get_url (self->server));
  g_autofree char *text = g_strnfill (LARGE, 'x');
  g_autoptr (GVariant) label = g_variant_ref_sink (g_variant_new_string (text));

  call_and_wait (self, client, N_BEFORE);
  for (guint i = 0; i < N_BURST; i++)
    plant_rpc_client_write_property (client, "label", label, NULL, NULL, NULL);
  plant_rpc_client_close (client);
}

static gpointer
call_and_tell (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Lane *self = ((gpointer *) data)[0];

  g_main_context_push_thread_default (context);
  lose_lane (self);
  close_early (self);
  g_main_context_pop_thread_default (context);
  g_atomic_int_set ((gint *) ((gpointer *) data)[1], 1);
  return NULL;
}

void
torture_lane_blocking (void)
{
  g_autofree Lane *self = g_new0 (Lane, 1);
  gint done = 0;
  gpointer data[2] = { self, &done };
  GThread *thread;

  if (!start (self, NULL, "unix"))
    {
      g_object_unref (self->gauge);
      return;
    }
  thread = g_thread_new ("caller", call_and_tell, data);
  torture_expect (g_atomic_int_get (&done) == 1);
  g_thread_join (thread);
  check_calls (self);
  stop (self);
}
