/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-jobs-private.h"

/* ---- jobs of peers that are only numbers */

#define PEER_LIMIT 4

typedef struct {
  PlantRpcHandover *handover;
  PlantRpcJobs     *jobs;
  guint             n_done;
  guint             n_accepted;
} Fixture;

static void
on_done (gpointer           owner,
         const PlantRpcJob *job,
         PlantRpcReply     *reply,
         gboolean           accepted)
{
  Fixture *fixture = owner;

  fixture->n_done++;
  fixture->n_accepted += accepted;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->handover = plant_rpc_handover_new (g_main_context_default ());
  fixture->jobs = plant_rpc_jobs_new (fixture->handover, PEER_LIMIT, on_done, fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->jobs, plant_rpc_jobs_free);
  plant_rpc_handover_unref (fixture->handover);
}

/* The envelope of a request with that frame behind the routing id; NULL: with none. */
static void
fill_envelope (PlantRpcEnvelope *envelope,
               guint             peer,
               const char       *id,
               gsize             size)
{
  plant_rpc_envelope_init (envelope);
  plant_rpc_envelope_append (envelope, &peer, sizeof peer);
  if (id != NULL)
    plant_rpc_envelope_append (envelope, id, size);
  envelope->connection = peer;
}

static PlantRpcInvocation *
add_with_id (Fixture        *fixture,
             guint           peer,
             const char     *id,
             gsize           size,
             PlantRpcEvent   event,
             GError        **error)
{
  PlantRpcJob job = {
    .event = event,
    .value = g_variant_ref_sink (g_variant_new_string ("value")),
  };
  const PlantRpcInvocationAsk ask = {
    .kind = event == PLANT_RPC_EVENT_PROPERTY_SET ? PLANT_RPC_INVOCATION_WRITE
                                                  : PLANT_RPC_INVOCATION_JSON,
    .name = "job",
    .sender = "",
  };

  fill_envelope (&job.envelope, peer, id, size);
  return plant_rpc_jobs_add (fixture->jobs, &job, &ask, error);
}

static PlantRpcInvocation *
add (Fixture        *fixture,
     guint           peer,
     PlantRpcEvent   event,
     GError        **error)
{
  return add_with_id (fixture, peer, NULL, 0, event, error);
}

static PlantRpcInvocation *
add_call (Fixture *fixture,
          guint    peer)
{
  return add (fixture, peer, PLANT_RPC_EVENT_METHOD_CALL, NULL);
}

static void
leave (Fixture *fixture,
       guint    peer)
{
  plant_rpc_jobs_remove_connection (fixture->jobs, peer);
}

static GPtrArray *
new_invocations (void)
{
  return g_ptr_array_new_with_free_func (g_object_unref);
}

/* Adds calls until one is refused. Returns how many were accepted. */
static guint
fill (Fixture   *fixture,
      guint      peer,
      GPtrArray *invocations)
{
  PlantRpcInvocation *invocation;
  guint n = 0;

  while ((invocation = add_call (fixture, peer)) != NULL)
    {
      g_ptr_array_add (invocations, invocation);
      n++;
    }
  return n;
}

/* Returns how many places are taken, which is how many less than all can be filled. */
static guint
count_taken (Fixture *fixture)
{
  const guint first = 1000;
  g_autoptr (GPtrArray) invocations = new_invocations ();
  guint next = first;

  while (fill (fixture, next, invocations) > 0)
    next++;
  for (guint peer = first; peer < next; peer++)
    leave (fixture, peer);
  return PLANT_RPC_MAX_JOBS - invocations->len;
}

static gboolean
is_cancelled (PlantRpcInvocation *invocation)
{
  return g_cancellable_is_cancelled (plant_rpc_invocation_get_cancellable (invocation));
}

/* ---- tests */

static void
test_peer_limit (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (GPtrArray) invocations = new_invocations ();
  g_autoptr (PlantRpcInvocation) again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (fill (fixture, 1, invocations), ==, PEER_LIMIT);
  g_assert_null (add (fixture, 1, PLANT_RPC_EVENT_METHOD_CALL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
  g_assert_cmpuint (fill (fixture, 2, invocations), ==, PEER_LIMIT);
  g_assert_cmpuint (count_taken (fixture), ==, 2 * PEER_LIMIT);

  plant_rpc_invocation_return_value (g_ptr_array_index (invocations, 0), NULL);
  g_assert_cmpuint (fixture->n_done, ==, 1);
  again = add_call (fixture, 1);
  g_assert_nonnull (again);
  g_assert_null (add_call (fixture, 1));
}

/* Near the limit of the server a peer may have as many calls as are left for others, so there is
 * always a place for a new peer. */
static void
test_server_limit (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (GPtrArray) invocations = new_invocations ();
  const guint n_busy = PLANT_RPC_MAX_JOBS / PEER_LIMIT - 1;

  for (guint i = 0; i < n_busy; i++)
    g_assert_cmpuint (fill (fixture, i, invocations), ==, PEER_LIMIT);
  g_assert_cmpuint (fill (fixture, n_busy, invocations), ==, 2);
  g_assert_cmpuint (fill (fixture, n_busy + 1, invocations), ==, 1);
  g_assert_cmpuint (fill (fixture, n_busy + 2, invocations), ==, 1);
  g_assert_cmpuint (fill (fixture, n_busy + 3, invocations), ==, 0);
  leave (fixture, 0);
  g_assert_cmpuint (fill (fixture, n_busy + 3, invocations), ==, 2);
}

/* The handlers of a peer that has left never answer, and yet nothing of it is kept. */
static void
test_left (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (GPtrArray) invocations = new_invocations ();
  g_autoptr (PlantRpcInvocation) other = add_call (fixture, 2);

  fill (fixture, 1, invocations);
  leave (fixture, 1);
  leave (fixture, 7);
  g_assert_cmpuint (count_taken (fixture), ==, 1);
  for (guint i = 0; i < invocations->len; i++)
    {
      PlantRpcInvocation *invocation = g_ptr_array_index (invocations, i);

      g_assert_true (is_cancelled (invocation));
      plant_rpc_invocation_return_value (invocation, NULL);
    }
  g_assert_cmpuint (fixture->n_done, ==, 0);
  g_assert_false (is_cancelled (other));
  g_assert_cmpuint (fill (fixture, 1, invocations), ==, PEER_LIMIT);
}

/* A number is exactly eight bytes, so no other frame in that place is one. */
static void
test_cancel (Fixture       *fixture,
             gconstpointer  data)
{
  static const struct {
    const char *id;
    gsize       size;
    gboolean    cancelled;
  } cases[] = {
    { "\x01\x02\0\0\0\0\0\0", 8, TRUE },
    { "\x02\x02\0\0\0\0\0\0", 8, FALSE },
    { "\x01\x02\0\0\0\0\0\0\0", 9, FALSE },
    { "\x01\x02\0\0", 4, FALSE },
    { NULL, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlantRpcInvocation) asked = add_with_id (
          fixture, 1, cases[i].id, cases[i].size, PLANT_RPC_EVENT_METHOD_CALL, NULL);
      g_autoptr (PlantRpcInvocation) other = add_with_id (
          fixture, 2, cases[i].id, cases[i].size, PLANT_RPC_EVENT_METHOD_CALL, NULL);
      PlantRpcEnvelope cancel;

      fill_envelope (&cancel, 1, NULL, 0);
      plant_rpc_jobs_cancel (fixture->jobs, &cancel, 0x0201);
      g_assert_cmpint (is_cancelled (asked), ==, cases[i].cancelled);
      g_assert_false (is_cancelled (other));
    }
}

/* The value of a write has arrived, so the write is carried out even if its peer has left. */
static void
test_left_write (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (PlantRpcInvocation) early = add (fixture, 1, PLANT_RPC_EVENT_PROPERTY_SET, NULL);
  g_autoptr (PlantRpcInvocation) late = add (fixture, 1, PLANT_RPC_EVENT_PROPERTY_SET, NULL);

  leave (fixture, 1);
  g_assert_cmpuint (count_taken (fixture), ==, 0);
  g_assert_true (is_cancelled (early));
  plant_rpc_invocation_accept (early);
  g_assert_cmpuint (fixture->n_accepted, ==, 1);
  g_clear_pointer (&fixture->jobs, plant_rpc_jobs_free);
  plant_rpc_invocation_accept (late);
  g_assert_cmpuint (fixture->n_accepted, ==, 1);
}

static gpointer
answer_elsewhere (gpointer invocation)
{
  plant_rpc_invocation_return_value (invocation, NULL);
  return NULL;
}

/* Answers of another thread arrive after their peer has left, or after the server has ended. */
static void
test_late_answer (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (PlantRpcInvocation) left = add_call (fixture, 1);
  g_autoptr (PlantRpcInvocation) stays = add_call (fixture, 2);

  g_thread_join (g_thread_new ("answer", answer_elsewhere, left));
  g_thread_join (g_thread_new ("answer", answer_elsewhere, stays));
  leave (fixture, 1);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (fixture->n_done, ==, 1);
  g_assert_cmpuint (count_taken (fixture), ==, 0);
}

static void
count_release (gpointer data)
{
  guint *n = data;

  (*n)++;
}

static GVariant *
new_value (guint *n_released)
{
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func ("x", 2, count_release, n_released);

  return g_variant_new_from_bytes (G_VARIANT_TYPE_STRING, bytes, TRUE);
}

static gpointer
answer_value_elsewhere (gpointer data)
{
  gpointer *both = data;

  plant_rpc_invocation_return_value (both[0], both[1]);
  return NULL;
}

/* An answer that nobody takes is let go of, wherever it was given and whether its peer is there. */
static void
test_released (Fixture       *fixture,
               gconstpointer  data)
{
  guint n_released = 0;

  for (guint i = 0; i < 4; i++)
    {
      const gboolean elsewhere = i % 2, gone = i / 2;
      g_autoptr (PlantRpcInvocation) invocation = add_call (fixture, 1);
      gpointer both[] = { invocation, new_value (&n_released) };

      if (gone)
        leave (fixture, 1);
      if (elsewhere)
        g_thread_join (g_thread_new ("answer", answer_value_elsewhere, both));
      else
        answer_value_elsewhere (both);
      while (g_main_context_iteration (NULL, FALSE))
        continue;
      g_assert_cmpuint (n_released, ==, i + 1);
    }
  g_assert_cmpuint (fixture->n_done, ==, 2);
}

#define ADD(name, function) \
  g_test_add ("/jobs/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_autoptr (GMainContext) context = NULL;

  g_test_init (&argc, &argv, NULL);
  /* With this the thread owns the context, so its answers are delivered at once, as within the
   * loop. */
  context = g_main_context_ref (g_main_context_default ());
  g_assert_true (g_main_context_acquire (context));

  ADD ("peer-limit", test_peer_limit);
  ADD ("server-limit", test_server_limit);
  ADD ("cancel", test_cancel);
  ADD ("left", test_left);
  ADD ("left-write", test_left_write);
  ADD ("late-answer", test_late_answer);
  ADD ("released", test_released);
  return g_test_run ();
}
