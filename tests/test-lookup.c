/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-lookup-private.h"
#include "plant-rpc-test-resolver.h"
#include "plant-rpc-test-wait.h"

typedef struct {
  TestResolver   *names;   /* (owned) */
  GMainContext   *context; /* (owned) */
  PlantRpcLookup *lookup;  /* (owned) (nullable) */
  guint           n_over;
  gboolean        frees;   /* TRUE: the callback frees the look-up */
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->names = test_resolver_new ();
  self->context = g_main_context_new ();
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_pointer (&self->lookup, plant_rpc_lookup_free);
  g_main_context_unref (self->context);
  test_resolver_free (self->names);
}

static void
on_over (gpointer owner)
{
  Fixture *self = owner;

  self->n_over++;
  if (self->frees)
    g_clear_pointer (&self->lookup, plant_rpc_lookup_free);
}

static void
begin (Fixture    *self,
       const char *host)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->lookup, plant_rpc_lookup_free);
  self->n_over = 0;
  self->lookup = plant_rpc_lookup_new (host, self->context, on_over, self, &error);
  g_assert_no_error (error);
}

static gboolean
is_told (Fixture *self)
{
  g_main_context_iteration (self->context, FALSE);
  return self->n_over > 0;
}

static char *
look_up (Fixture     *self,
         const char  *host,
         GError     **error)
{
  g_autoptr (GPtrArray) list = NULL;

  begin (self, host);
  test_wait_for (is_told (self));
  g_assert_cmpuint (self->n_over, ==, 1);
  list = plant_rpc_lookup_list (self->lookup, error);
  if (list == NULL)
    return NULL;
  g_ptr_array_add (list, NULL);
  return g_strjoinv (" ", (char **) list->pdata);
}

/* The families take turns, and the order of the system is kept in each. */
static void
test_order (Fixture       *self,
            gconstpointer  data)
{
  static const char *const cases[][2] = {
    { "10.0.0.1", "10.0.0.1" },
    { "2001:db8::1 2001:db8::2 10.0.0.1 10.0.0.2", "2001:db8::1 10.0.0.1 2001:db8::2 10.0.0.2" },
    { "10.0.0.1 10.0.0.2 10.0.0.3 2001:db8::1", "10.0.0.1 2001:db8::1 10.0.0.2 10.0.0.3" },
    { "2001:db8::2 10.0.0.1 2001:db8::1", "2001:db8::2 10.0.0.1 2001:db8::1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *found = NULL;

      test_resolver_set (self->names, "camera", cases[i][0]);
      found = look_up (self, "camera", &error);
      g_assert_no_error (error);
      g_assert_cmpstr (found, ==, cases[i][1]);
    }
  g_assert_cmpuint (test_resolver_count (self->names, "camera"), ==, G_N_ELEMENTS (cases));
}

/* A name that is unknown is told from one that could not be asked for. */
static void
test_errors (Fixture       *self,
             gconstpointer  data)
{
  static const struct {
    GResolverError  code;
    GIOErrorEnum    expected;
    const char     *message;
  } cases[] = {
    { G_RESOLVER_ERROR_NOT_FOUND, G_IO_ERROR_HOST_NOT_FOUND,
      "There is no host with the name “pi-cma-1”" },
    { G_RESOLVER_ERROR_TEMPORARY_FAILURE, G_IO_ERROR_HOST_UNREACHABLE,
      "The address of “pi-cma-1” is not known now: no name server answers" },
    { G_RESOLVER_ERROR_INTERNAL, G_IO_ERROR_HOST_UNREACHABLE,
      "The address of “pi-cma-1” cannot be looked up: No answer for pi-cma-1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      test_resolver_set_error (self->names, "pi-cma-1", cases[i].code);
      g_assert_null (look_up (self, "pi-cma-1", &error));
      g_assert_error (error, G_IO_ERROR, (int) cases[i].expected);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

/* While nobody runs the context, the descriptor tells that there is an answer. */
static void
test_blocking (Fixture       *self,
               gconstpointer  data)
{
  zmq_pollitem_t item;

  test_resolver_set_silent (self->names, "camera");
  begin (self, "camera");
  plant_rpc_lookup_process (self->lookup);
  g_assert_cmpuint (self->n_over, ==, 0);
  g_assert_cmpuint (plant_rpc_lookup_fill_poll (self->lookup, &item), ==, 1);
  g_assert_cmpint (zmq_poll (&item, 1, 0), ==, 0);
  g_assert_false (plant_rpc_lookup_is_over (self->lookup));

  test_resolver_set (self->names, "camera", "10.0.0.1");
  g_assert_cmpint (zmq_poll (&item, 1, TEST_WAIT_S * 1000), ==, 1);
  g_assert_true (plant_rpc_lookup_is_over (self->lookup));
  plant_rpc_lookup_process (self->lookup);
  plant_rpc_lookup_process (self->lookup);
  g_assert_cmpuint (self->n_over, ==, 1);
  g_assert_cmpuint (plant_rpc_lookup_fill_poll (self->lookup, &item), ==, 0);
  g_assert_false (g_main_context_iteration (self->context, FALSE));
}

/* One that is silent holds up no other. */
static void
test_at_the_same_time (Fixture       *self,
                       gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;
  PlantRpcLookup *slow;

  test_resolver_set_silent (self->names, "far");
  test_resolver_set (self->names, "near", "10.0.0.1");
  begin (self, "far");
  slow = g_steal_pointer (&self->lookup);
  found = look_up (self, "near", &error);
  g_assert_no_error (error);
  g_assert_false (plant_rpc_lookup_is_over (slow));
  plant_rpc_lookup_free (slow);
}

/* The resolver is told that nobody waits, and nobody is called. */
static void
test_freed (Fixture       *self,
            gconstpointer  data)
{
  test_resolver_set_silent (self->names, "camera");
  begin (self, "camera");
  test_wait_for (test_resolver_count_open (self->names) == 1);
  g_clear_pointer (&self->lookup, plant_rpc_lookup_free);
  test_wait_for (test_resolver_count_open (self->names) == 0);
  g_assert_false (g_main_context_iteration (self->context, FALSE));
  g_assert_cmpuint (self->n_over, ==, 0);

  test_resolver_set (self->names, "camera", "10.0.0.1");
  self->frees = TRUE;
  begin (self, "camera");
  test_wait_for (is_told (self));
  g_assert_null (self->lookup);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add ("/lookup/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("order", test_order);
  ADD ("errors", test_errors);
  ADD ("blocking", test_blocking);
  ADD ("at-the-same-time", test_at_the_same_time);
  ADD ("freed", test_freed);

  return g_test_run ();
}
