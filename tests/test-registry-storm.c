/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-registry-client.h"
#include "plant-rpc-test-clock.h"
#include "plant-rpc-test-registry.h"

/* scales timers of several seconds, for a registry that does not answer */
#define QUICK 0.02

/* A registry that sends again and again what a client cannot follow. */
typedef struct {
  TestRegistry           *registry;
  PlantRpcRegistryClient *client;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  test_clock_reset ();
  self->registry = test_registry_new ();
  self->client = plant_rpc_registry_client_new (test_registry_get_url (self->registry));
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_assert_finalize_object (self->client);
  test_registry_free (self->registry);
}

#define DEVICE(name)                                                                         \
  "{\"name\":\"" name "\",\"device_type\":\"camera\",\"addr\":\"tcp://10.0.0.1:1\","         \
  "\"uuid\":\"" name "\"}"

static void
await_watch (Fixture *self)
{
  g_autoptr (GVariant) payload = test_registry_await (self->registry, "WATCH");
}

static void
send_devices (Fixture    *self,
              const char *event,
              gint64      serial,
              const char *devices)
{
  test_registry_send (self->registry,
                      "{\"event\":\"%s\",\"payload\":{\"serial\":%" G_GINT64_FORMAT
                      ",\"devices\":[%s]}}",
                      event, serial, devices);
}

static void
send_list (Fixture    *self,
           gint64      serial,
           const char *devices)
{
  send_devices (self, "DEVICES", serial, devices);
}

static void
send_added (Fixture    *self,
            gint64      serial,
            const char *devices)
{
  send_devices (self, "DEVICE_ADDED", serial, devices);
}

/* The pauses before the client asks again, as the delays of its timer. The delays for renewing a
 * lease and for awaiting a reply are longer. */
static void
assert_pauses (GArray *delays)
{
  static const gint64 pauses[] = { 0, 250, 500, 1000, 2000, 4000 }; /* ms */
  guint n = 0;

  for (guint i = 0; i < delays->len && n < G_N_ELEMENTS (pauses); i++)
    {
      gint64 delay = g_array_index (delays, gint64, i) / 1000;

      if (delay > 4500)
        continue;
      g_assert_cmpint (delay, <=, pauses[n]);
      g_assert_cmpint (delay, >=, pauses[n] > 0 ? pauses[n] / 2 : -1000);
      n++;
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (pauses));
}

static void
test_pauses (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (GArray) delays = NULL;

  await_watch (self);
  test_clock_stretch (0.1);
  test_clock_record ("watch");
  for (guint i = 0; i < 7; i++)
    {
      send_list (self, 5, DEVICE ("a"));
      send_added (self, 9, DEVICE ("b"));
      await_watch (self);
    }
  delays = test_clock_end_recording ();
  assert_pauses (delays);
}

/* However long it lasts, the pauses stay as long as the other delays of that timer. */
static void
test_endless (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (GArray) delays = NULL;

  await_watch (self);
  test_clock_stretch (0.001);
  for (guint i = 0; i < 80; i++)
    {
      if (i == 10)
        test_clock_record ("watch");
      send_list (self, 5, DEVICE ("a"));
      send_added (self, 9, DEVICE ("b"));
      await_watch (self);
    }
  delays = test_clock_end_recording ();
  g_assert_cmpuint (delays->len, >=, 70);
  for (guint i = 0; i < delays->len; i++)
    g_assert_cmpint (g_array_index (delays, gint64, i), >, 4 * G_USEC_PER_SEC);
}

/* The pauses are the same for messages that cannot be read at all. The connection is kept. */
static void
test_rubbish (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GArray) delays = NULL;

  await_watch (self);
  first = test_registry_dup_peer (self->registry);
  test_clock_stretch (0.2);
  test_clock_record ("watch");
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (GBytes) again = NULL;

      test_registry_send (self->registry, "rubbish");
      await_watch (self);
      again = test_registry_dup_peer (self->registry);
      g_assert_true (g_bytes_equal (first, again));
    }
  delays = test_clock_end_recording ();
  assert_pauses (delays);
}

/* A list that stays right for a while ends the growth of the pauses. */
static void
test_over (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (GArray) delays = NULL;

  await_watch (self);
  test_clock_stretch (QUICK);
  for (guint i = 0; i < 5; i++)
    {
      send_list (self, 5, DEVICE ("a"));
      send_added (self, 9, DEVICE ("b"));
      await_watch (self);
    }
  send_list (self, 5, DEVICE ("a"));
  await_watch (self);
  test_clock_record ("watch");
  send_list (self, 5, DEVICE ("a"));
  send_added (self, 9, DEVICE ("b"));
  await_watch (self);
  delays = test_clock_end_recording ();
  g_assert_cmpint (g_array_index (delays, gint64, 1), <=, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                      \
  g_test_add ("/registry-storm/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("pauses", test_pauses);
  ADD ("endless", test_endless);
  ADD ("rubbish", test_rubbish);
  ADD ("over", test_over);
  return g_test_run ();
}
