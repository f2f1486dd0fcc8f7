/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-registry-client-private.h"
#include "plant-rpc-test-clock.h"
#include "plant-rpc-test-registry.h"

/* scales timers of several seconds, for a registry that does not answer */
#define QUICK 0.02

typedef struct {
  TestRegistry           *registry;
  PlantRpcRegistryClient *client;
  GString                *journal; /* (owned): "+name" and "-name" */
} Fixture;

static void
on_added (PlantRpcRegistryClient *client,
          PlantRpcDevice         *device,
          Fixture                *self)
{
  g_string_append_printf (self->journal, "+%s ", plant_rpc_device_get_name (device));
}

static void
on_removed (PlantRpcRegistryClient *client,
            PlantRpcDevice         *device,
            Fixture                *self)
{
  g_string_append_printf (self->journal, "-%s ", plant_rpc_device_get_name (device));
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  test_clock_reset ();
  self->journal = g_string_new (NULL);
  self->registry = test_registry_new ();
  self->client = plant_rpc_registry_client_new (test_registry_get_url (self->registry));
  g_signal_connect (self->client, "device-added", G_CALLBACK (on_added), self);
  g_signal_connect (self->client, "device-removed", G_CALLBACK (on_removed), self);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_assert_finalize_object (self->client);
  test_registry_free (self->registry);
  g_string_free (self->journal, TRUE);
}

static gboolean
has_state (Fixture       *self,
           PlantRpcState  state)
{
  return plant_rpc_registry_client_get_state (self->client) == state;
}

/* Connected, but without a list, and with the reason. */
static gboolean
is_refused (Fixture *self)
{
  return has_state (self, PLANT_RPC_STATE_CONNECTING) &&
         plant_rpc_registry_client_get_last_error (self->client) != NULL;
}

static guint
count (Fixture *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->client));
}

#define DEVICE(name)                                                                         \
  "{\"name\":\"" name "\",\"device_type\":\"camera\",\"addr\":\"tcp://10.0.0.1:1\","         \
  "\"uuid\":\"" name "\",\"age\":0.5}"

static void
await_watch (Fixture *self)
{
  g_autoptr (GVariant) payload = test_registry_await (self->registry, "WATCH");
}

/* DEVICES is JSON, with commas between the devices. */
static void
send_list (Fixture    *self,
           gint64      serial,
           const char *devices)
{
  test_registry_send (self->registry,
                      "{\"event\":\"DEVICES\",\"payload\":{\"serial\":%" G_GINT64_FORMAT
                      ",\"devices\":[%s]}}",
                      serial, devices);
}

static void
send_added (Fixture    *self,
            gint64      serial,
            const char *devices)
{
  test_registry_send (self->registry,
                      "{\"event\":\"DEVICE_ADDED\",\"payload\":{\"serial\":%" G_GINT64_FORMAT
                      ",\"devices\":[%s]}}",
                      serial, devices);
}

static void
send_removed (Fixture    *self,
              gint64      serial,
              const char *uuid)
{
  test_registry_send (self->registry,
                      "{\"event\":\"DEVICE_REMOVED\",\"payload\":{\"serial\":%" G_GINT64_FORMAT
                      ",\"uuid\":\"%s\"}}",
                      serial, uuid);
}

/* Waits until the client has the list with a device “a”, as of SERIAL. */
static void
begin (Fixture *self,
       gint64   serial)
{
  await_watch (self);
  send_list (self, serial, DEVICE ("a"));
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
  g_assert_cmpstr (self->journal->str, ==, "+a ");
}

static void
test_gap (Fixture       *self,
          gconstpointer  data)
{
  g_autoptr (GArray) delays = NULL;

  /* The timers are long, so that only the gap makes the client ask. */
  test_clock_stretch (10000);
  begin (self, 5);
  test_clock_step (G_USEC_PER_SEC / 4);
  send_added (self, 6, DEVICE ("b"));
  test_wait_until (count (self) == 2);
  send_added (self, 8, DEVICE ("d"));
  await_watch (self);
  g_assert_cmpuint (count (self), ==, 2);
  /* A push that comes before the list is part of the list, and no reason to ask again. */
  test_clock_record ("watch");
  send_removed (self, 9, "a");
  send_list (self, 9, DEVICE ("b") "," DEVICE ("c") "," DEVICE ("d"));
  test_wait_until (count (self) == 3);
  g_assert_cmpstr (self->journal->str, ==, "+a +b -a +c +d ");
  delays = test_clock_end_recording ();
  g_assert_cmpuint (delays->len, ==, 1);
  test_clock_step (G_USEC_PER_SEC / 2);
  send_removed (self, 10, "c");
  test_wait_until (count (self) == 2);
}

/* A serial that does not follow makes the client ask again, and has no other effect. */
static void
test_serials (Fixture       *self,
              gconstpointer  data)
{
  static const gint64 serials[][2] = {
    { 5, 5 }, { 5, 4 }, { 5, 7 }, { 5, 0 }, { 5, -1 }, { 5, G_MAXINT64 }, { 5, G_MININT64 },
    { G_MAXINT64, 1 }, { G_MAXINT64, G_MININT64 }, { G_MAXINT64, G_MAXINT64 }, { -3, 5 },
    { G_MININT64, G_MAXINT64 }, { 0, 2 },
  };

  test_clock_stretch (QUICK);
  await_watch (self);
  for (guint i = 0; i < G_N_ELEMENTS (serials); i++)
    {
      send_list (self, serials[i][0], DEVICE ("a"));
      send_added (self, serials[i][1], DEVICE ("b"));
      await_watch (self);
      g_assert_cmpuint (count (self), ==, 1);
    }
  send_list (self, -3, DEVICE ("a"));
  send_added (self, -2, DEVICE ("b"));
  test_wait_until (count (self) == 2);
}

static void
test_unreadable (Fixture       *self,
                 gconstpointer  data)
{
  static const char *const messages[] = {
    "", "no json", "{}", "[]", "{\"event\":\"DEVICES\",\"payload\":null}",
    "{\"event\":\"DEVICES\",\"payload\":{\"devices\":[]}}",
    "{\"event\":\"DEVICES\",\"payload\":{\"serial\":\"1\",\"devices\":[]}}",
    "{\"event\":\"DEVICES\",\"payload\":{\"serial\":1}}",
    "{\"event\":\"DEVICES\",\"payload\":{\"serial\":1,\"devices\":{}}}",
    "{\"event\":\"DEVICES\",\"payload\":{\"serial\":18446744073709551615,\"devices\":[]}}",
    "{\"event\":\"DEVICE_ADDED\",\"payload\":{\"devices\":[]}}",
    "{\"event\":\"DEVICE_REMOVED\",\"payload\":{\"serial\":2}}",
    "{\"event\":\"DEVICE_REMOVED\",\"payload\":{\"serial\":2,\"uuid\":5}}",
    "{\"event\":\"ACK\",\"payload\":{\"success\":false,\"error\":\"full\"}}",
  };

  test_clock_stretch (QUICK);
  await_watch (self);
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      test_registry_send (self->registry, "%s", messages[i]);
      test_wait_until (is_refused (self));
      g_assert_nonnull (strstr (plant_rpc_registry_client_get_last_error (self->client)->message,
                                test_registry_get_url (self->registry)));
      await_watch (self);
      send_list (self, 1, DEVICE ("a"));
      test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
      g_assert_null (plant_rpc_registry_client_get_last_error (self->client));
      g_assert_cmpuint (count (self), ==, 1);
      /* The next WATCH only renews the lease. */
      await_watch (self);
    }
  g_assert_cmpstr (self->journal->str, ==, "+a ");
}

/* A push that cannot be read also counts while no list is awaited. */
static void
test_unreadable_push (Fixture       *self,
                      gconstpointer  data)
{
  test_clock_stretch (10000);
  begin (self, 5);
  test_registry_send (self->registry, "{\"event\":\"DEVICE_ADDED\",\"payload\":{}}");
  await_watch (self);
  send_list (self, 6, DEVICE ("a") "," DEVICE ("b"));
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY) && count (self) == 2);
}

static void
test_refusal (Fixture       *self,
              gconstpointer  data)
{
  g_autofree char *reason = g_strnfill (100000, 'x');
  const GError *error;

  await_watch (self);
  test_registry_send (self->registry,
                      "{\"event\":\"ACK\",\"payload\":{\"success\":false,\"error\":\"%s\"}}",
                      reason);
  test_wait_until (is_refused (self));
  error = plant_rpc_registry_client_get_last_error (self->client);
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  g_assert_cmpuint (strlen (error->message), <, 400);
  await_watch (self);
  send_list (self, 1, "");
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
}

/* A device that cannot be read does not affect the rest of the list. */
static void
test_bad_record (Fixture       *self,
                 gconstpointer  data)
{
  g_autofree char *long_name = g_strnfill (PLANT_RPC_MAX_REGISTRY_TEXT + 1, 'x');
  g_autofree char *longest = g_strnfill (PLANT_RPC_MAX_REGISTRY_TEXT, 'y');
  g_autofree char *last = g_strdup_printf (
      "{\"name\":\"%s\",\"device_type\":\"%s\",\"addr\":\"%s\",\"uuid\":\"%s\"}", longest, longest,
      longest, longest);
  g_autofree char *devices = g_strdup_printf (
      "%s,{\"name\":\"%s\",\"device_type\":\"t\",\"addr\":\"tcp://h:1\",\"uuid\":\"u\"},5,null,{},"
      "{\"name\":1,\"device_type\":\"t\",\"addr\":\"tcp://h:1\",\"uuid\":\"v\"},[],%s",
      DEVICE ("a"), long_name, DEVICE ("b"));

  await_watch (self);
  send_list (self, 5, devices);
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
  g_assert_cmpstr (self->journal->str, ==, "+a +b ");
  send_added (self, 6, "{\"name\":5}");
  send_added (self, 7, DEVICE ("c"));
  send_added (self, 8, last);
  test_wait_until (count (self) == 4);
  g_assert_nonnull (plant_rpc_registry_client_find_device (self->client, longest));
}

/* A registry that does not know WATCH is asked once, and what it sends of itself is no change. */
static void
test_old_registry (Fixture       *self,
                   gconstpointer  data)
{
  await_watch (self);
  test_registry_send (self->registry, "{\"event\":\"UNSUPPORTED\",\"payload\":{}}");
  test_wait_until (is_refused (self));
  /* No timer makes it ask again. */
  test_clock_record ("watch");
  test_clock_step (6 * G_USEC_PER_SEC);
  plant_rpc_registry_client_process (self->client);
  test_clock_step (0);
  g_assert_cmpuint (test_clock_count (), ==, 0);
  g_array_unref (test_clock_end_recording ());
  send_added (self, 1, DEVICE ("b"));
  send_added (self, 7, DEVICE ("c"));
  g_assert_error (plant_rpc_registry_client_get_last_error (self->client), G_IO_ERROR,
                  G_IO_ERROR_NOT_SUPPORTED);
  /* What cannot be read makes it ask, and shows that the others have arrived. */
  test_clock_record ("watch");
  test_registry_send (self->registry, "rubbish");
  await_watch (self);
  g_assert_cmpuint (count (self), ==, 0);
  g_assert_cmpstr (self->journal->str, ==, "");
  g_array_unref (test_clock_end_recording ());
}

/* Of two records with one identifier the later counts. */
static void
test_twice (Fixture       *self,
            gconstpointer  data)
{
#define NAMED(name)                                                                          \
  "{\"name\":\"" name "\",\"device_type\":\"t\",\"addr\":\"tcp://h:1\",\"uuid\":\"x\"}"
  await_watch (self);
  send_list (self, 5, NAMED ("former") "," NAMED ("later"));
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
  g_assert_cmpstr (self->journal->str, ==, "+later ");
}

static void
test_suspicion (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr (GBytes) first = NULL, second = NULL, third = NULL;

  begin (self, 5);
  first = test_registry_dup_peer (self->registry);
  test_clock_stretch (QUICK);
  send_added (self, 7, DEVICE ("b"));
  await_watch (self);
  test_wait_until (has_state (self, PLANT_RPC_STATE_SUSPECT));
  g_assert_error (plant_rpc_registry_client_get_last_error (self->client), G_IO_ERROR,
                  G_IO_ERROR_TIMED_OUT);
  g_assert_cmpuint (count (self), ==, 1);
  test_wait_until (has_state (self, PLANT_RPC_STATE_DISCONNECTED));
  /* The request arrives on a new connection, and is answered there. */
  await_watch (self);
  second = test_registry_dup_peer (self->registry);
  g_assert_false (g_bytes_equal (first, second));
  send_list (self, 7, DEVICE ("b"));
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
  g_assert_cmpstr (self->journal->str, ==, "+a -a +b ");
  await_watch (self);
  third = test_registry_dup_peer (self->registry);
  g_assert_true (g_bytes_equal (second, third));
}

/* A registry that is only suspected and then answers keeps its state. */
static void
test_slow (Fixture       *self,
           gconstpointer  data)
{
  begin (self, 5);
  send_added (self, 7, DEVICE ("b"));
  await_watch (self);
  test_clock_stretch (1000);
  test_clock_step (6 * G_USEC_PER_SEC);
  plant_rpc_registry_client_process (self->client);
  g_assert_true (has_state (self, PLANT_RPC_STATE_SUSPECT));
  send_list (self, 7, DEVICE ("b"));
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
  g_assert_cmpstr (self->journal->str, ==, "+a -a +b ");
}

/* A reply to another request is not taken for the reply to this one. */
static void
test_late (Fixture       *self,
           gconstpointer  data)
{
  await_watch (self);
  test_registry_send_late (self->registry,
                           "{\"event\":\"DEVICES\",\"payload\":{\"serial\":1,\"devices\":["
                           DEVICE ("old") "]}}");
  test_registry_send_late (self->registry, "{\"event\":\"UNSUPPORTED\",\"payload\":{}}");
  send_list (self, 5, DEVICE ("a"));
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
  g_assert_cmpstr (self->journal->str, ==, "+a ");
}

/* The reason why the list is old is kept while the registry does not answer. */
static void
test_loss (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (GArray) delays = NULL;

  begin (self, 5);
  test_clock_record ("connection");
  test_registry_leave (self->registry);
  test_wait_until (has_state (self, PLANT_RPC_STATE_DISCONNECTED));
  /* After a few attempts. */
  test_wait_until (test_clock_count () > 6);
  delays = test_clock_end_recording ();
  g_assert_error (plant_rpc_registry_client_get_last_error (self->client), G_IO_ERROR,
                  G_IO_ERROR_CONNECTION_CLOSED);
  g_assert_cmpuint (count (self), ==, 1);
  test_registry_come_back (self->registry);
  await_watch (self);
  send_list (self, 1, "");
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
  g_assert_cmpstr (self->journal->str, ==, "+a -a ");
}

/* Changes that follow a first one are shown together with those that come after them. */
static void
test_bursts (Fixture       *self,
             gconstpointer  data)
{
  begin (self, 5);
  test_clock_step (G_USEC_PER_SEC / 4);
  send_added (self, 6, DEVICE ("b"));
  test_wait_until (count (self) == 2);
  /* The clock goes back, so however late the others come, it is still soon after the first one. */
  test_clock_step (-(gint64) 3600 * G_USEC_PER_SEC);
  send_added (self, 7, DEVICE ("c"));
  send_removed (self, 8, "c");
  send_added (self, 9, DEVICE ("d"));
  send_removed (self, 10, "a");
  /* The client's next request shows that everything has arrived. */
  send_added (self, 20, DEVICE ("e"));
  await_watch (self);
  g_assert_cmpstr (self->journal->str, ==, "+a +b ");
  send_list (self, 10, DEVICE ("b") "," DEVICE ("d"));
  test_wait_until (count (self) == 2 && g_str_has_suffix (self->journal->str, "+d "));
  g_assert_cmpstr (self->journal->str, ==, "+a +b -a +d ");
}

/* The changes are shown although no other event follows. */
static void
test_burst_is_shown (Fixture       *self,
                     gconstpointer  data)
{
  begin (self, 5);
  for (guint i = 0; i < 20; i++)
    {
      send_added (self, 6 + 2 * i, DEVICE ("b"));
      send_removed (self, 7 + 2 * i, "b");
    }
  send_added (self, 46, DEVICE ("c"));
  test_wait_until (count (self) == 2);
  g_assert_true (g_str_has_suffix (self->journal->str, "+c "));
}

/* Returns the JSON of N devices, whose identifiers begin with LETTER. */
static char *
make_devices (char  letter,
              guint n)
{
  GString *devices = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (devices,
                            "%s{\"name\":\"%c%u\",\"device_type\":\"t\",\"addr\":\"tcp://h:1\","
                            "\"uuid\":\"%c%u\"}",
                            i > 0 ? "," : "", letter, i, letter, i);
  return g_string_free (devices, FALSE);
}

/* Neither a list nor endless pushes fill the memory of the client. */
static void
test_too_many (Fixture       *self,
               gconstpointer  data)
{
  g_autofree char *more = make_devices ('u', PLANT_RPC_MAX_DEVICES + 5);
  g_autofree char *others = make_devices ('v', PLANT_RPC_MAX_DEVICES);

  await_watch (self);
  send_list (self, 5, more);
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
  g_assert_cmpuint (count (self), ==, PLANT_RPC_MAX_DEVICES);
  send_added (self, 6, DEVICE ("b"));
  send_removed (self, 7, "u0");
  test_wait_until (count (self) == PLANT_RPC_MAX_DEVICES - 1);
  /* Another list has as much room. */
  send_added (self, 9, DEVICE ("c"));
  await_watch (self);
  send_list (self, 9, others);
  test_wait_until (plant_rpc_registry_client_find_device (self->client, "v9999") != NULL);
  g_assert_cmpuint (count (self), ==, PLANT_RPC_MAX_DEVICES);
}

static void
send_age (Fixture    *self,
          const char *age)
{
  g_autofree char *device =
      g_strdup_printf ("{\"name\":\"a\",\"device_type\":\"t\",\"addr\":\"tcp://h:1\","
                       "\"uuid\":\"a\",\"age\":%s}", age);

  send_list (self, 5, device);
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
}

static gint64
get_age (Fixture *self)
{
  PlantRpcDevice *device = plant_rpc_registry_client_find_device (self->client, "a");
  g_autoptr (GDateTime) seen = plant_rpc_device_get_last_seen (device);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  return g_date_time_difference (now, seen) / G_TIME_SPAN_SECOND;
}

/* A device was last seen at the latest of the reported times. */
static void
test_age (Fixture       *self,
          gconstpointer  data)
{
  test_clock_stretch (QUICK);
  await_watch (self);
  send_age (self, "10000");
  g_assert_cmpint (ABS (get_age (self) - 10000), <, 1000);
  await_watch (self);
  send_age (self, "5000.5");
  test_wait_until (get_age (self) < 6000);
  await_watch (self);
  send_age (self, "20000");
  await_watch (self);
  g_assert_cmpint (ABS (get_age (self) - 5000), <, 1000);
}

static void
test_bad_ages (Fixture       *self,
               gconstpointer  data)
{
  static const char *const ages[] = {
    "-5", "1e300", "-1e300", "NaN", "null", "\"x\"", "true", "[]", "9223372036854775807",
    "-9223372036854775808",
  };

  test_clock_stretch (QUICK);
  for (guint i = 0; i < G_N_ELEMENTS (ages); i++)
    {
      await_watch (self);
      send_age (self, ages[i]);
      g_assert_cmpint (get_age (self), >=, 0);
    }
}

/* A peer that accepts the connection and sends nothing. */
static void
test_silent_port (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  g_autoptr (PlantRpcRegistryClient) client = NULL;
  g_autofree char *url = NULL;
  int connections[2] = { -1, -1 };
  const struct timeval patience = { .tv_sec = 15 };
  char greeting[64];
  gssize n_bytes;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, 5), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &length), ==, 0);
  url = g_strdup_printf ("tcp://127.0.0.1:%u", ntohs (address.sin_port));
  test_clock_reset ();
  test_clock_stretch (QUICK);
  client = plant_rpc_registry_client_new (url);
  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    test_wait_until ((connections[i] = accept (fd, NULL, NULL)) >= 0);
  /* The client has given the first connection up, sooner than libzmq does by itself. */
  setsockopt (connections[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  do
    n_bytes = recv (connections[0], greeting, sizeof greeting, 0);
  while (n_bytes > 0);
  g_assert_cmpint (n_bytes, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    close (connections[i]);
  close (fd);
}

/* ms; the delays within an attempt and those of the pulse are longer */
#define LONGEST_PAUSE 500

/* Returns the first pause after a loss, in ms. */
static gint64
lose (Fixture *self)
{
  g_autoptr (GArray) delays = NULL;
  gint64 pause = G_MAXINT64;

  test_clock_record ("connection");
  test_registry_leave (self->registry);
  test_wait_until (has_state (self, PLANT_RPC_STATE_DISCONNECTED));
  delays = test_clock_end_recording ();
  for (guint i = 0; i < delays->len && pause > LONGEST_PAUSE; i++)
    pause = g_array_index (delays, gint64, i) / 1000;
  g_assert_cmpint (pause, <=, LONGEST_PAUSE);
  return pause;
}

/* A registry that answers and closes the connection is treated like one that does not answer. */
static void
test_hang_up (Fixture       *self,
              gconstpointer  data)
{
  test_clock_record ("connection");
  test_registry_leave (self->registry);
  test_wait_until (test_clock_count () > 14);
  g_array_unref (test_clock_end_recording ());
  test_registry_come_back (self->registry);
  await_watch (self);
  /* The clock goes back, so however late the answer comes, it is still soon. */
  test_clock_step (-(gint64) 3600 * G_USEC_PER_SEC);
  send_list (self, 1, "");
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
  g_assert_cmpint (lose (self), >, 100);

  test_registry_come_back (self->registry);
  await_watch (self);
  test_clock_step ((gint64) 3600 * G_USEC_PER_SEC);
  send_list (self, 1, "");
  test_wait_until (has_state (self, PLANT_RPC_STATE_READY));
  g_assert_cmpint (lose (self), <=, 50);
}

/* The delay doubles with each attempt, up to half a second, and a part of it is random. */
static void
test_retries (Fixture       *self,
              gconstpointer  data)
{
  static const gint64 expected[] = { 50, 100, 200, 400, 500, 500, 500 }; /* ms */
  g_autoptr (GArray) delays = NULL;
  guint n = 0;

  test_clock_stretch (0.1);
  test_clock_record ("connection");
  test_registry_leave (self->registry);
  test_wait_until (test_clock_count () > 2 * G_N_ELEMENTS (expected));
  delays = test_clock_end_recording ();
  for (guint i = 0; i < delays->len && n < G_N_ELEMENTS (expected); i++)
    {
      gint64 delay = g_array_index (delays, gint64, i) / 1000;

      if (delay > LONGEST_PAUSE)
        continue;
      g_assert_cmpint (delay, <=, expected[n]);
      g_assert_cmpint (delay, >=, expected[n] / 2 - 100);
      n++;
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (expected));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                      \
  g_test_add ("/registry-watch/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("gap", test_gap);
  ADD ("serials", test_serials);
  ADD ("unreadable", test_unreadable);
  ADD ("unreadable-push", test_unreadable_push);
  ADD ("refusal", test_refusal);
  ADD ("bad-record", test_bad_record);
  ADD ("old-registry", test_old_registry);
  ADD ("twice", test_twice);
  ADD ("suspicion", test_suspicion);
  ADD ("slow", test_slow);
  ADD ("late", test_late);
  ADD ("loss", test_loss);
  ADD ("bursts", test_bursts);
  ADD ("burst-is-shown", test_burst_is_shown);
  ADD ("too-many", test_too_many);
  ADD ("age", test_age);
  ADD ("bad-ages", test_bad_ages);
  ADD ("hang-up", test_hang_up);
  ADD ("retries", test_retries);
  g_test_add_func ("/registry-watch/silent-port", test_silent_port);
  return g_test_run ();
}
