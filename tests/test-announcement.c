/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-test-announcement.h"
#include "plant-rpc-test-resolver.h"
#include "plant-rpc-test-wait.h"

/* From where the registry is reached, as it seems; NULL: from where it is. */
static _Atomic (const char *) pretended_address;

const char *__real_plant_rpc_link_get_own_address (PlantRpcLink *self);
const char *__wrap_plant_rpc_link_get_own_address (PlantRpcLink *self);

const char *
__wrap_plant_rpc_link_get_own_address (PlantRpcLink *self)
{
  const char *address = pretended_address;

  return address != NULL ? address : __real_plant_rpc_link_get_own_address (self);
}

/* Four signs of life are due within the time after which the registry forgets the device, and at
 * least one every two seconds. */
static void
test_intervals (Fixture       *self,
                gconstpointer  data)
{
  static const gint64 intervals[][2] = { { 1000, 250 }, { 4000, 1000 }, { 60000, 2000 } }; /* ms */

  for (guint i = 0; i < G_N_ELEMENTS (intervals); i++)
    {
      g_autofree char *address = g_strdup_printf ("tcp://camera%u", i);
      g_autofree char *expected = g_strdup_printf ("%s:5000", address);
      g_autoptr (GArray) delays = NULL;
      g_autofree char *url = NULL;
      gint64 interval = G_MAXINT64;

      end (self->announcement);
      self->announcement = announce_at (test_registry_get_url (self->registry), address,
                                        intervals[i][0] * 1000);
      do
        {
          g_free (url);
          url = await_registration (self);
        }
      while (!g_str_equal (url, expected));
      test_registry_send (
          self->registry,
          "{\"event\":\"REGISTER_ACK\",\"payload\":{\"name\":\"cam\",\"uuid\":\"u\"}}");
      await (self, "CHECK_ALIVE");
      test_clock_record ("heartbeat");
      acknowledge (self, TRUE);
      await (self, "CHECK_ALIVE");
      delays = test_clock_end_recording ();
      /* What is waited for a reply is longer. */
      for (guint k = 0; k < delays->len; k++)
        interval = MIN (interval, g_array_index (delays, gint64, k));
      g_assert_cmpint (interval, <=, intervals[i][1] * 1000);
      g_assert_cmpint (interval, >, intervals[i][1] * 500);
    }
}

/* A registry that takes the device and forgets it at once is not asked again at once, for ever. */
static void
test_forgotten_at_once (Fixture       *self,
                        gconstpointer  data)
{
  await (self, "REGISTER");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GArray) delays = NULL;
      gint64 pause = G_MAXINT64;

      test_clock_record ("heartbeat");
      test_registry_send (
          self->registry,
          "{\"event\":\"REGISTER_ACK\",\"payload\":{\"name\":\"cam\",\"uuid\":\"u\"}}");
      await (self, "CHECK_ALIVE");
      acknowledge (self, FALSE);
      await (self, "REGISTER");
      delays = test_clock_end_recording ();
      /* What is waited for a reply is longer. */
      for (guint k = 0; k < delays->len; k++)
        pause = MIN (pause, g_array_index (delays, gint64, k));
      g_assert_cmpint (pause, >, G_USEC_PER_SEC);
      g_assert_cmpint (pause, <=, 2 * G_USEC_PER_SEC);
    }
  g_assert_false (is_abandoned (self));
}

/* Missed replies are forgiven if the next one comes, however often that happens. */
static void
test_single_misses (Fixture       *self,
                    gconstpointer  data)
{
  accept_device (self);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GBytes) before = NULL, after = NULL;

      await (self, "CHECK_ALIVE");
      before = test_registry_dup_peer (self->registry);
      await (self, "CHECK_ALIVE");
      after = test_registry_dup_peer (self->registry);
      /* The device has reconnected, so a late reply on the former connection cannot be taken for
       * this one's. */
      g_assert_false (g_bytes_equal (before, after));
      acknowledge (self, TRUE);
      g_assert_true (is_registered (self));
      g_assert_false (is_abandoned (self));
    }
  await (self, "CHECK_ALIVE");
  acknowledge (self, TRUE);
  g_assert_true (is_registered (self));
}

static void
test_abandoned (Fixture       *self,
                gconstpointer  data)
{
  accept_device (self);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_false (is_abandoned (self));
      await (self, "CHECK_ALIVE");
    }
  test_wait_until (is_abandoned (self));
  g_assert_false (is_registered (self));
  await (self, "CHECK_ALIVE");
  acknowledge (self, TRUE);
  test_wait_until (is_registered (self));
  g_assert_false (is_abandoned (self));
}

/* A registry that has accepted the device before may accept it again, so its refusal is not a
 * loss. */
static void
test_refused_later (Fixture       *self,
                    gconstpointer  data)
{
  accept_device (self);
  await (self, "CHECK_ALIVE");
  acknowledge (self, FALSE);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GVariant) payload = test_registry_await (self->registry, "REGISTER");
      gboolean overwrite = TRUE;

      g_assert_true (g_variant_lookup (payload, "overwrite", "b", &overwrite));
      g_assert_false (overwrite);
      acknowledge (self, FALSE);
      g_assert_false (is_abandoned (self));
    }
  accept_device (self);
  g_assert_false (has_left (self));
}

static void
test_refused (Fixture       *self,
              gconstpointer  data)
{
  g_auto (PlantRpcAnnouncementNews) news = { 0 };
  g_autofree char *reason = g_strnfill (10000, 'x');

  await (self, "REGISTER");
  test_registry_send (self->registry,
                      "{\"event\":\"ACK\",\"payload\":{\"success\":false,\"error\":\"%s\"}}",
                      reason);
  test_wait_until (has_left (self));
  plant_rpc_announcement_get_news (self->announcement, &news);
  g_assert_error (news.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  g_assert_nonnull (strstr (news.error->message, "xxx"));
  g_assert_cmpuint (strlen (news.error->message), <, 400);
}

/* Rubbish counts as a missing reply, and does no harm. */
static void
test_rubbish (Fixture       *self,
              gconstpointer  data)
{
  static const char *const replies[] = {
    "", "no json", "[]", "{\"event\":\"REGISTER_ACK\",\"payload\":{}}",
    "{\"event\":\"REGISTER_ACK\",\"payload\":{\"name\":5,\"uuid\":null}}",
    "{\"event\":\"DEVICE_ADDED\",\"payload\":{\"serial\":1,\"devices\":[]}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      await (self, "REGISTER");
      test_registry_send (self->registry, "%s", replies[i]);
    }
  accept_device (self);
}

/* A late reply is not taken for the reply to the request under way. */
static void
test_late (Fixture       *self,
           gconstpointer  data)
{
  g_auto (PlantRpcAnnouncementNews) news = { 0 };

  await (self, "REGISTER");
  test_registry_send_late (
      self->registry,
      "{\"event\":\"REGISTER_ACK\",\"payload\":{\"name\":\"old\",\"uuid\":\"old\"}}");
  test_registry_send (
      self->registry,
      "{\"event\":\"REGISTER_ACK\",\"payload\":{\"name\":\"new\",\"uuid\":\"new\"}}");
  test_wait_until (is_registered (self));
  plant_rpc_announcement_get_news (self->announcement, &news);
  g_assert_cmpstr (news.name, ==, "new");
  g_assert_cmpstr (news.uuid, ==, "new");
}

static gboolean
was_withdrawn (Fixture *self)
{
  g_auto (PlantRpcAnnouncementNews) news = { 0 };

  test_wait_until (has_left (self));
  plant_rpc_announcement_get_news (self->announcement, &news);
  return news.withdrawn;
}

static void
test_leave (Fixture       *self,
            gconstpointer  data)
{
  accept_device (self);
  plant_rpc_announcement_leave (self->announcement);
  test_clock_stretch (1);
  await (self, "UNREGISTER");
  acknowledge (self, TRUE);
  g_assert_true (was_withdrawn (self));
  g_assert_false (is_registered (self));
}

/* It is withdrawn once, however often it is asked to leave. */
static void
test_leave_twice (Fixture       *self,
                  gconstpointer  data)
{
  accept_device (self);
  test_clock_stretch (10);
  plant_rpc_announcement_leave (self->announcement);
  plant_rpc_announcement_leave (self->announcement);
  await (self, "UNREGISTER");
  acknowledge (self, TRUE);
  g_assert_true (was_withdrawn (self));
  plant_rpc_announcement_leave (self->announcement);
  test_clock_stretch (QUICK);
}

static void
test_leave_unknown (Fixture       *self,
                    gconstpointer  data)
{
  accept_device (self);
  plant_rpc_announcement_leave (self->announcement);
  await (self, "UNREGISTER");
  acknowledge (self, FALSE);
  g_assert_false (was_withdrawn (self));
}

static void
test_leave_unanswered (Fixture       *self,
                       gconstpointer  data)
{
  accept_device (self);
  plant_rpc_announcement_leave (self->announcement);
  await (self, "UNREGISTER");
  g_assert_false (was_withdrawn (self));
}

/* The device leaves a lost registry without waiting for a reply. */
static void
test_leave_lost (Fixture       *self,
                 gconstpointer  data)
{
  accept_device (self);
  test_clock_stretch (10000);
  plant_rpc_announcement_leave (self->announcement);
  await (self, "UNREGISTER");
  test_registry_leave (self->registry);
  g_assert_false (was_withdrawn (self));
  test_clock_stretch (QUICK);
}

/* A registration that arrives after the device has left is withdrawn too. */
static void
test_leave_early (Fixture       *self,
                  gconstpointer  data)
{
  g_autoptr (GArray) delays = NULL;

  await (self, "REGISTER");
  test_clock_stretch (10);
  test_clock_record ("heartbeat");
  plant_rpc_announcement_leave (self->announcement);
  /* When a timer was set, the thread of the announcement has noticed. */
  test_wait_until (test_clock_count () > 0);
  delays = test_clock_end_recording ();
  test_registry_send (self->registry,
                      "{\"event\":\"REGISTER_ACK\",\"payload\":{\"name\":\"cam\",\"uuid\":\"u\"}}");
  await (self, "UNREGISTER");
  acknowledge (self, TRUE);
  g_assert_true (was_withdrawn (self));
}

static void
test_leave_nobody (Fixture       *self,
                   gconstpointer  data)
{
  await (self, "REGISTER");
  test_clock_stretch (10000);
  test_registry_leave (self->registry);
  plant_rpc_announcement_leave (self->announcement);
  g_assert_false (was_withdrawn (self));
  test_clock_stretch (QUICK);
}

static gpointer
wait_in_thread (gpointer cancellable)
{
  Fixture *self = g_object_get_data (cancellable, "fixture");

  plant_rpc_announcement_wait (self->announcement, cancellable);
  g_object_set_data (cancellable, "done", self);
  return NULL;
}

/* Cancelling ends the wait at once, without another event. */
static void
test_wait_cancelled (Fixture       *self,
                     gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread;

  await (self, "REGISTER");
  test_clock_stretch (10000);
  g_object_set_data (G_OBJECT (cancellable), "fixture", self);
  thread = g_thread_new ("wait", wait_in_thread, cancellable);
  test_wait_until (g_signal_has_handler_pending (
      cancellable, g_signal_lookup ("cancelled", G_TYPE_CANCELLABLE), 0, FALSE));
  g_cancellable_cancel (cancellable);
  test_wait_until (g_object_get_data (G_OBJECT (cancellable), "done") != NULL);
  g_thread_join (thread);
  test_clock_stretch (QUICK);
}

typedef struct {
  PlantRpcAnnouncement *announcement;
  gint                  n_waiting;    /* (atomic) */
  gint                  n_registered; /* (atomic) */
  gint                  n_left;       /* (atomic) */
} Waiting;

static gpointer
wait_for_both (gpointer data)
{
  Waiting *waiting = data;

  g_atomic_int_inc (&waiting->n_waiting);
  plant_rpc_announcement_wait (waiting->announcement, NULL);
  g_atomic_int_inc (&waiting->n_registered);
  plant_rpc_announcement_wait_left (waiting->announcement);
  g_atomic_int_inc (&waiting->n_left);
  return NULL;
}

/* All threads that wait are told. */
static void
test_threads (Fixture       *self,
              gconstpointer  data)
{
  Waiting waiting = { .announcement = self->announcement };
  GThread *threads[8];
  const int n = G_N_ELEMENTS (threads);

  for (int i = 0; i < n; i++)
    threads[i] = g_thread_new ("wait", wait_for_both, &waiting);
  test_wait_until (g_atomic_int_get (&waiting.n_waiting) == n);
  accept_device (self);
  test_wait_until (g_atomic_int_get (&waiting.n_registered) == n);
  plant_rpc_announcement_leave (self->announcement);
  await (self, "UNREGISTER");
  acknowledge (self, TRUE);
  test_wait_until (g_atomic_int_get (&waiting.n_left) == n);
  for (int i = 0; i < n; i++)
    g_thread_join (threads[i]);
}

/* The address under which a server registers. */
static void
test_addresses (Fixture       *self,
                gconstpointer  data)
{
  static const char *const addresses[][2] = {
    { "tcp://127.0.0.1:7", "tcp://127.0.0.1:5000" }, { "tcp://lo", "tcp://127.0.0.1:5000" },
    { "tcp://*", "tcp://127.0.0.1:5000" }, { "tcp://0.0.0.0:*", "tcp://127.0.0.1:5000" },
    { "tcp://[::]", "tcp://127.0.0.1:5000" }, { "tcp://[::1]", "tcp://[::1]:5000" },
    { "tcp://some.host", "tcp://some.host:5000" }, { "ipc:///run/cam", "ipc:///run/cam" },
  };

  accept_device (self);
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      PlantRpcAnnouncement *other = announce (self, addresses[i][0]);
      g_autofree char *url = await_registration (self);

      acknowledge (self, FALSE);
      g_assert_cmpstr (url, ==, addresses[i][1]);
      end (other);
    }
}

/* With a registry on the same machine, which is reached without an address, a server that listens
 * everywhere registers under the address of the loopback interface. */
static void
test_addresses_for_ipc (void)
{
  static const char *const addresses[][2] = {
    { "tcp://*", "tcp://127.0.0.1:5000" }, { "tcp://0.0.0.0", "tcp://127.0.0.1:5000" },
    { "tcp://lo", "tcp://127.0.0.1:5000" }, { "tcp://[::]:*", "tcp://[::1]:5000" },
    { "tcp://some.host", "tcp://some.host:5000" },
  };
  g_autofree char *url = g_strdup_printf ("ipc://@plantrpc-test-announcement-%d:7", getpid ());
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new (url);

  test_clock_reset ();
  g_assert_true (plant_rpc_registry_start (registry, NULL));
  g_assert_cmpstr (plant_rpc_registry_get_url (registry), ==, url);
  g_assert_cmpuint (plant_rpc_registry_get_port (registry), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      PlantRpcAnnouncement *announcement = announce_at (url, addresses[i][0], G_USEC_PER_SEC);
      PlantRpcDevice *device;

      test_wait_until ((device = plant_rpc_registry_find_device (registry, "cam")) != NULL);
      g_assert_cmpstr (plant_rpc_device_get_url (device), ==, addresses[i][1]);
      end (announcement);
      test_wait_until (plant_rpc_registry_find_device (registry, "cam") == NULL);
    }
}

/* A registry that has forgotten the device gives it another identifier. */
static void
test_forgotten (Fixture       *self,
                gconstpointer  data)
{
  g_auto (PlantRpcAnnouncementNews) news = { 0 };

  accept_device (self);
  await (self, "CHECK_ALIVE");
  acknowledge (self, FALSE);
  await (self, "REGISTER");
  test_registry_send (
      self->registry,
      "{\"event\":\"REGISTER_ACK\",\"payload\":{\"name\":\"cam-1\",\"uuid\":\"new\"}}");
  test_wait_until (is_registered (self));
  plant_rpc_announcement_get_news (self->announcement, &news);
  g_assert_cmpstr (news.name, ==, "cam-1");
  g_assert_cmpstr (news.uuid, ==, "new");
}

/* The machine has got another address: the device registers with it, under its name. */
static void
test_moves (void)
{
  Fixture fixture = { NULL, NULL };
  Fixture *self = &fixture;
  g_auto (PlantRpcAnnouncementNews) news = { 0 };
  g_autofree char *first = NULL, *name = NULL, *second = NULL;
  g_autoptr (GVariant) payload = NULL;
  gboolean overwrite = FALSE;

  test_clock_reset ();
  test_clock_stretch (QUICK);
  pretended_address = "10.0.0.5";
  self->registry = test_registry_new ();
  self->announcement = announce (self, "tcp://*:*");
  first = await_registration (self);
  g_assert_cmpstr (first, ==, "tcp://10.0.0.5:5000");
  test_registry_send (
      self->registry,
      "{\"event\":\"REGISTER_ACK\",\"payload\":{\"name\":\"cam-1\",\"uuid\":\"u\"}}");
  await (self, "CHECK_ALIVE");
  acknowledge (self, TRUE);
  await (self, "CHECK_ALIVE");
  pretended_address = "10.0.0.6";
  acknowledge (self, TRUE);
  payload = test_registry_await (self->registry, "REGISTER");
  g_assert_true (g_variant_lookup (payload, "addr", "s", &second));
  g_assert_cmpstr (second, ==, "tcp://10.0.0.6:5000");
  g_assert_true (g_variant_lookup (payload, "name", "s", &name));
  g_assert_cmpstr (name, ==, "cam-1");
  g_assert_true (g_variant_lookup (payload, "overwrite", "b", &overwrite));
  g_assert_true (overwrite);
  g_assert_true (is_registered (self));
  test_registry_send (
      self->registry,
      "{\"event\":\"REGISTER_ACK\",\"payload\":{\"name\":\"cam-1\",\"uuid\":\"v\"}}");
  await (self, "CHECK_ALIVE");
  plant_rpc_announcement_get_news (self->announcement, &news);
  g_assert_cmpstr (news.uuid, ==, "v");
  acknowledge (self, TRUE);
  await (self, "CHECK_ALIVE");
  pretended_address = NULL;
  tear_down (self, NULL);
}

/* A name that is mistyped is told, and a name server that does not answer is waited for. */
static void
test_names (void)
{
  Fixture fixture = { NULL, NULL };
  Fixture *self = &fixture;
  g_autoptr (TestResolver) names = test_resolver_new ();
  g_auto (PlantRpcAnnouncementNews) news = { 0 };
  g_autofree char *url = NULL;

  test_clock_reset ();
  test_clock_stretch (QUICK);
  self->registry = test_registry_new ();
  url = g_strdup_printf ("tcp://registry%s",
                         strrchr (test_registry_get_url (self->registry), ':'));
  self->announcement = announce_at (url, "tcp://127.0.0.1:5000", G_USEC_PER_SEC);
  plant_rpc_announcement_wait (self->announcement, NULL);
  plant_rpc_announcement_get_news (self->announcement, &news);
  g_assert_true (news.left);
  g_assert_error (news.error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND);
  end (self->announcement);

  test_resolver_set_error (names, "registry", G_RESOLVER_ERROR_TEMPORARY_FAILURE);
  self->announcement = announce_at (url, "tcp://127.0.0.1:5000", G_USEC_PER_SEC);
  test_wait_until (test_resolver_count (names, "registry") > 1);
  g_assert_false (has_left (self));
  test_resolver_set (names, "registry", "127.0.0.1");
  accept_device (self);
  tear_down (self, NULL);
}

/* At its end a forked child withdraws what it has announced itself, and nothing of its parent. */
G_GNUC_UNUSED static void
test_fork (Fixture       *self,
           gconstpointer  data)
{
  for (guint n_own = 0; n_own < 2; n_own++)
    {
      int status = 0;
      pid_t child = fork ();

      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        {
          if (n_own > 0)
            announce (self, "tcp://127.0.0.1:6000");
          exit (7);
        }
      test_wait_for (waitpid (child, &status, WNOHANG) == child);
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, 7);
    }
  accept_device (self);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/announcement/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("intervals", test_intervals);
  ADD ("forgotten-at-once", test_forgotten_at_once);
  ADD ("single-misses", test_single_misses);
  ADD ("abandoned", test_abandoned);
  ADD ("refused-later", test_refused_later);
  ADD ("refused", test_refused);
  ADD ("rubbish", test_rubbish);
  ADD ("late", test_late);
  ADD ("leave", test_leave);
  ADD ("leave-twice", test_leave_twice);
  ADD ("leave-unknown", test_leave_unknown);
  ADD ("leave-unanswered", test_leave_unanswered);
  ADD ("leave-lost", test_leave_lost);
  ADD ("leave-early", test_leave_early);
  ADD ("leave-nobody", test_leave_nobody);
  ADD ("wait-cancelled", test_wait_cancelled);
  ADD ("threads", test_threads);
  ADD ("addresses", test_addresses);
  g_test_add_func ("/announcement/addresses-for-ipc", test_addresses_for_ipc);
  ADD ("forgotten", test_forgotten);
  g_test_add_func ("/announcement/moves", test_moves);
  g_test_add_func ("/announcement/names", test_names);
/* A forked child may find the allocator of the one sanitizer locked for ever, and must not start
 * threads with the other one. */
#if !defined (__SANITIZE_ADDRESS__) && !defined (__SANITIZE_THREAD__)
  ADD ("fork", test_fork);
#endif
  return g_test_run ();
}
