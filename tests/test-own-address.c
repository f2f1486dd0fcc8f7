/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <pthread.h>
#include <signal.h>

#include "plant-rpc-home-private.h"
#include "plant-rpc-own-address-private.h"
#include "plant-rpc-test-resolver.h"
#include "plant-rpc-test-wait.h"

typedef struct {
  TestResolver *names;       /* (owned) */
  GCancellable *cancellable; /* (unowned) (nullable) */
  pthread_t     thread;      /* that gets the signals */
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->names = test_resolver_new ();
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  test_resolver_free (self->names);
}

static char *
resolve (const char  *url,
         GError     **error)
{
  g_autoptr (GError) wrong = NULL;
  g_autoptr (PlantRpcEndpoint) given = plant_rpc_endpoint_parse (url, &wrong);
  g_autoptr (PlantRpcEndpoint) found = NULL;

  g_assert_no_error (wrong);
  found = plant_rpc_own_address_resolve (given, error);
  return found != NULL ? plant_rpc_endpoint_print (found, 0) : NULL;
}

static void
assert_resolves (const char *url,
                 const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *found = resolve (url, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, expected);
}

static void
test_without_names (Fixture       *self,
                    gconstpointer  data)
{
  static const char *const urls[] = {
    "tcp://*:5000", "tcp://*", "tcp://0.0.0.0:*", "tcp://127.0.0.1:5000", "tcp://[::1]:*",
    "tcp://[fe80::1%eth0]:5000", "tcp://192.0.2.7:5000", "ipc:///run/camera", "ipc://@camera",
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    assert_resolves (urls[i], urls[i]);
}

static void
test_names (Fixture       *self,
            gconstpointer  data)
{
  test_resolver_set (self->names, "camera", "127.0.1.1");
  assert_resolves ("tcp://camera:*", "tcp://127.0.1.1:*");
  assert_resolves ("tcp://camera", "tcp://127.0.1.1");
  assert_resolves ("tcp://camera:5000", "tcp://127.0.1.1:5000");
  /* All peers know IPv4. */
  test_resolver_set (self->names, "localhost", "::1 127.0.0.1");
  assert_resolves ("tcp://localhost:*", "tcp://127.0.0.1:*");
  /* Only one address is of this computer. */
  test_resolver_set (self->names, "camera", "192.0.2.7 2001:db8::7 fe80::7 127.0.0.5 192.0.2.8");
  assert_resolves ("tcp://camera:*", "tcp://127.0.0.5:*");
}

static void
test_interfaces (Fixture       *self,
                 gconstpointer  data)
{
  assert_resolves ("tcp://lo:*", "tcp://127.0.0.1:*");
  g_assert_cmpuint (test_resolver_count (self->names, "lo"), ==, 0);
}

static void
assert_fails (const char   *url,
              GIOErrorEnum  code,
              const char   *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (resolve (url, &error));
  g_assert_error (error, G_IO_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_failures (Fixture       *self,
               gconstpointer  data)
{
  assert_fails ("tcp://eth9:*", G_IO_ERROR_HOST_NOT_FOUND,
                "Cannot listen at “tcp://eth9:*”: there is neither a host nor a network interface "
                "with the name “eth9”");
  test_resolver_set (self->names, "far", "192.0.2.7 2001:db8::7");
  assert_fails ("tcp://far:5000", G_IO_ERROR_NOT_FOUND,
                "Cannot listen at “tcp://far:5000”: no address of “far” belongs to this computer");
  test_resolver_set_error (self->names, "camera", G_RESOLVER_ERROR_TEMPORARY_FAILURE);
  assert_fails ("tcp://camera:5000", G_IO_ERROR_HOST_UNREACHABLE,
                "Cannot listen at “tcp://camera:5000”: The address of “camera” is not known now: "
                "no name server answers");
}

/* ---- threads */

static gpointer
resolve_at_home (gpointer home)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (home);

  assert_resolves ("tcp://camera:5000", "tcp://127.0.0.1:5000");
  return NULL;
}

/* While a name server is slow, others are not kept away. */
static void
test_slow (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new (NULL);
  GThread *thread;

  test_resolver_set_silent (self->names, "camera");
  thread = g_thread_new ("resolve", resolve_at_home, home);
  test_wait_for (test_resolver_count_open (self->names) == 1);
  plant_rpc_home_enter (home);
  test_resolver_set (self->names, "camera", "127.0.0.1");
  plant_rpc_home_leave (home);
  g_thread_join (thread);
}

/* ---- while no name server answers */

static gboolean
is_asked (Fixture *self)
{
  return test_resolver_count_open (self->names) == 1;
}

static gpointer
cancel (gpointer data)
{
  Fixture *self = data;

  test_wait_for (is_asked (self));
  g_cancellable_cancel (self->cancellable);
  return NULL;
}

/* The current cancellable ends the waiting. */
static void
test_cancelled (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread;

  test_resolver_set_silent (self->names, "camera");
  self->cancellable = cancellable;
  g_cancellable_push_current (cancellable);
  thread = g_thread_new ("cancel", cancel, self);
  assert_fails ("tcp://camera:5000", G_IO_ERROR_CANCELLED,
                "Cannot listen at “tcp://camera:5000”: Operation was cancelled");
  g_thread_join (thread);
  g_cancellable_pop_current (cancellable);
}

static void
on_signal (int number)
{
}

static gpointer
send_signals (gpointer data)
{
  Fixture *self = data;

  test_wait_for (is_asked (self));
  for (guint i = 0; i < 20; i++)
    {
      pthread_kill (self->thread, SIGUSR1);
      g_usleep (1000);
    }
  test_resolver_set (self->names, "camera", "127.0.1.1");
  return NULL;
}

/* A signal, such as that of a timer, does not end the waiting. */
static void
test_signals (Fixture       *self,
              gconstpointer  data)
{
  const struct sigaction action = { .sa_handler = on_signal };
  GThread *thread;

  sigaction (SIGUSR1, &action, NULL);
  self->thread = pthread_self ();
  test_resolver_set_silent (self->names, "camera");
  thread = g_thread_new ("signals", send_signals, self);
  assert_resolves ("tcp://camera:5000", "tcp://127.0.1.1:5000");
  g_thread_join (thread);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add ("/own-address/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("without-names", test_without_names);
  ADD ("names", test_names);
  ADD ("interfaces", test_interfaces);
  ADD ("failures", test_failures);
  ADD ("slow", test_slow);
  ADD ("cancelled", test_cancelled);
  ADD ("signals", test_signals);

  return g_test_run ();
}
