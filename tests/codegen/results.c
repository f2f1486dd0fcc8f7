/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Results of every type, from a generated skeleton to a generated client. */

#include "results-generated.h"

#define PATIENCE 20000 /* in ms */

typedef struct
{
  LabResultsSkeleton *skeleton; /* (owned) */
  PlantRpcServer     *server;   /* (owned) */
  LabResultsClient   *client;   /* (owned) */
} Fixture;

/* A handler for the results that are no pointers. */
#define TELL(name, value)                                                                         \
  static gboolean                                                                                 \
  tell_##name (LabResultsSkeleton *skeleton,                                                      \
               PlantRpcInvocation *call)                                                          \
  {                                                                                               \
    lab_results_skeleton_complete_tell_##name (skeleton, call, value);                            \
    return TRUE;                                                                                  \
  }

static const char *const words[] = { "a", "", "ü", NULL };

TELL (b, TRUE)
TELL (y, 255)
TELL (n, G_MININT16)
TELL (q, G_MAXUINT16)
TELL (i, G_MININT)
TELL (u, G_MAXUINT)
TELL (x, G_MININT64)
TELL (t, G_MAXUINT64)
TELL (d, 0.1)
TELL (s, "text")
TELL (as, words)
TELL (members, g_variant_new_parsed ("{'a': <1>}"))
TELL (maybe, g_variant_new_maybe (G_VARIANT_TYPE_STRING, NULL))
TELL (anything, NULL)

static gboolean
tell_nothing (LabResultsSkeleton *skeleton,
              PlantRpcInvocation *call)
{
  lab_results_skeleton_complete_tell_nothing (skeleton, call);
  return TRUE;
}

static const struct
{
  const char *signal;
  gboolean  (*handler) (LabResultsSkeleton *skeleton,
                        PlantRpcInvocation *call);
} handlers[] = {
  { "handle-tell-b", tell_b },
  { "handle-tell-y", tell_y },
  { "handle-tell-n", tell_n },
  { "handle-tell-q", tell_q },
  { "handle-tell-i", tell_i },
  { "handle-tell-u", tell_u },
  { "handle-tell-x", tell_x },
  { "handle-tell-t", tell_t },
  { "handle-tell-d", tell_d },
  { "handle-tell-s", tell_s },
  { "handle-tell-as", tell_as },
  { "handle-tell-members", tell_members },
  { "handle-tell-maybe", tell_maybe },
  { "handle-tell-nothing", tell_nothing },
  { "handle-tell-anything", tell_anything },
};

static void
on_result (GObject      *source,
           GAsyncResult *result,
           gpointer      kept)
{
  *(GAsyncResult **) kept = g_object_ref (result);
}

static gboolean
on_too_late (gpointer user_data)
{
  g_error ("nothing has come");
  return G_SOURCE_REMOVE;
}

/* Calls a method, and runs the main loop until it has ended. */
static GAsyncResult *
await (LabResultsClient *client,
       void            (*call) (LabResultsClient    *client,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data))
{
  guint deadline = g_timeout_add (PATIENCE, on_too_late, NULL);
  GAsyncResult *result = NULL;

  call (client, NULL, on_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
  return result;
}

#define ASSERT_TOLD(fixture, type, name, value)                                                   \
  G_STMT_START {                                                                                  \
    g_autoptr (GAsyncResult) result_ =                                                             \
      await ((fixture)->client, lab_results_client_call_tell_##name);                             \
    type told_ = 0;                                                                               \
    g_assert_true (lab_results_client_call_tell_##name##_finish ((fixture)->client, &told_,       \
                                                                 result_, &error));               \
    g_assert_no_error (error);                                                                    \
    g_assert_true (told_ == value);                                                               \
  } G_STMT_END

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->skeleton = lab_results_skeleton_new ();
  fixture->server = plant_rpc_server_new (G_OBJECT (fixture->skeleton), "tcp://127.0.0.1:*");
  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect (fixture->skeleton, handlers[i].signal, G_CALLBACK (handlers[i].handler),
                      NULL);
  lab_results_skeleton_offer (fixture->skeleton, fixture->server, PLANT_RPC_METHOD_FLAGS_NONE);
  plant_rpc_server_start (fixture->server, &error);
  g_assert_no_error (error);
  fixture->client = lab_results_client_new (plant_rpc_server_get_url (fixture->server));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (g_steal_pointer (&fixture->client));
  g_assert_finalize_object (g_steal_pointer (&fixture->server));
  g_assert_finalize_object (g_steal_pointer (&fixture->skeleton));
}

static void
test_numbers (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  ASSERT_TOLD (fixture, gboolean, b, TRUE);
  ASSERT_TOLD (fixture, guint8, y, 255);
  ASSERT_TOLD (fixture, int, n, G_MININT16);
  ASSERT_TOLD (fixture, guint, q, G_MAXUINT16);
  ASSERT_TOLD (fixture, int, i, G_MININT);
  ASSERT_TOLD (fixture, guint, u, G_MAXUINT);
  ASSERT_TOLD (fixture, gint64, x, G_MININT64);
  ASSERT_TOLD (fixture, guint64, t, G_MAXUINT64);
  ASSERT_TOLD (fixture, double, d, 0.1);
}

static void
test_pointers (Fixture       *fixture,
               gconstpointer  data)
{
  LabResultsClient *client = fixture->client;
  g_autoptr (GAsyncResult) text_result = await (client, lab_results_client_call_tell_s);
  g_autoptr (GAsyncResult) words_result = await (client, lab_results_client_call_tell_as);
  g_autoptr (GAsyncResult) members_result = await (client, lab_results_client_call_tell_members);
  g_autoptr (GAsyncResult) maybe_result = await (client, lab_results_client_call_tell_maybe);
  g_autofree char *text = lab_results_client_call_tell_s_finish (client, text_result, NULL);
  g_auto (GStrv) list = lab_results_client_call_tell_as_finish (client, words_result, NULL);
  g_autoptr (GVariant) members =
    lab_results_client_call_tell_members_finish (client, members_result, NULL);
  g_autoptr (GVariant) maybe =
    lab_results_client_call_tell_maybe_finish (client, maybe_result, NULL);

  g_assert_cmpstr (text, ==, "text");
  g_assert_true (g_strv_equal ((const char *const *) list, words));
  g_assert_cmpstr (g_variant_get_type_string (members), ==, "a{sv}");
  g_assert_cmpstr (g_variant_get_type_string (maybe), ==, "ms");
}

static void
test_nothing (Fixture       *fixture,
              gconstpointer  data)
{
  LabResultsClient *client = fixture->client;
  g_autoptr (GAsyncResult) result = await (client, lab_results_client_call_tell_nothing);
  g_autoptr (GAsyncResult) other_result = await (client, lab_results_client_call_tell_anything);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) anything = NULL;

  g_assert_true (lab_results_client_call_tell_nothing_finish (client, result, &error));
  g_assert_no_error (error);
  anything = lab_results_client_call_tell_anything_finish (client, other_result, &error);
  g_assert_cmpstr (g_variant_get_type_string (anything), ==, "mv");
}

static gboolean
fail (LabResultsSkeleton *skeleton,
      PlantRpcInvocation *call)
{
  plant_rpc_invocation_return_failure (call, "broken", NULL);
  return TRUE;
}

/* What cannot be told is left alone. */
static void
test_failure (Fixture       *fixture,
              gconstpointer  data)
{
  LabResultsClient *client = fixture->client;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int told = 7;

  g_signal_handlers_disconnect_by_func (fixture->skeleton, tell_i, NULL);
  g_signal_connect (fixture->skeleton, "handle-tell-i", G_CALLBACK (fail), NULL);
  result = await (client, lab_results_client_call_tell_i);
  g_assert_false (lab_results_client_call_tell_i_finish (client, &told, result, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_cmpint (told, ==, 7);
}

#define ADD(name, function) \
  g_test_add ("/results/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("numbers", test_numbers);
  ADD ("pointers", test_pointers);
  ADD ("nothing", test_nothing);
  ADD ("failure", test_failure);

  return g_test_run ();
}
