/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "devices/gauge.h"
#include "plant-rpc-authenticator-private.h"
#include "plant-rpc-client.h"
#include "plant-rpc-error.h"
#include "plant-rpc-invitation-private.h"
#include "plant-rpc-lane-door-private.h"
#include "plant-rpc-lane-message-private.h"
#include "plant-rpc-pair.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-clock.h"
#include "plant-rpc-test-device.h"
#include "plant-rpc-test-peer.h"

#define OPERATOR PLANT_RPC_ROLE_OPERATOR
#define VIEWER   PLANT_RPC_ROLE_VIEWER

/* A secured server with a table of its own, or one that is in a file. */
typedef struct {
  PlantRpcAuthenticator *authenticator;
  PlantRpcServer        *server;
  TestGauge             *gauge;
  PlantRpcKeypair       *keypair; /* of who joins */
  PlantRpcKeypair       *thief;
  char                  *folder;  /* (nullable) */
  char                  *allowed; /* (nullable): path */
  GString               *told;    /* what the owner is told */
} Fixture;

static const char *
get_key (PlantRpcKeypair *keypair)
{
  return plant_rpc_keypair_get_public_key (keypair);
}

static void
on_joined (PlantRpcAuthenticator *authenticator,
           const char            *key,
           const char            *name,
           PlantRpcRole           role,
           const char            *address,
           Fixture               *fixture)
{
  g_string_append_printf (fixture->told, "%s joined as %d from %s. ", name, role, address);
}

static void
on_refused (PlantRpcAuthenticator *authenticator,
            const char            *key,
            const char            *name,
            const char            *reason,
            const char            *address,
            Fixture               *fixture)
{
  g_string_append_printf (fixture->told, "%s came %s from %s. ", name, reason, address);
}

static void
open_server (Fixture    *fixture,
             const char *url)
{
  fixture->server = plant_rpc_server_new (G_OBJECT (fixture->gauge), url);
  if (fixture->folder != NULL)
    {
      g_assert_true (plant_rpc_server_secure (fixture->server, "gauge", NULL));
      fixture->authenticator = g_object_ref (plant_rpc_server_get_authenticator (fixture->server));
    }
  else
    {
      g_autoptr (PlantRpcKeypair) keypair = plant_rpc_keypair_new (NULL);

      fixture->authenticator = plant_rpc_authenticator_new ();
      plant_rpc_server_set_keypair (fixture->server, keypair);
      plant_rpc_server_set_authenticator (fixture->server, fixture->authenticator);
    }
  g_signal_connect (fixture->authenticator, "joined", G_CALLBACK (on_joined), fixture);
  g_signal_connect (fixture->authenticator, "invitation-refused", G_CALLBACK (on_refused), fixture);
  test_wait_until (plant_rpc_server_start (fixture->server, NULL));
}

static void
close_server (Fixture *fixture)
{
  plant_rpc_server_stop (fixture->server);
  g_clear_object (&fixture->server);
  g_clear_object (&fixture->authenticator);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  in_file)
{
  fixture->gauge = test_gauge_new ();
  fixture->keypair = plant_rpc_keypair_new (NULL);
  fixture->thief = plant_rpc_keypair_new (NULL);
  fixture->told = g_string_new (NULL);
  if (in_file != NULL)
    {
      fixture->folder = g_dir_make_tmp (NULL, NULL);
      g_setenv ("STATE_DIRECTORY", fixture->folder, TRUE);
      fixture->allowed = g_build_filename (fixture->folder, "keys", "gauge.allowed", NULL);
    }
  open_server (fixture, "tcp://127.0.0.1:*");
}

static void
remove_folder (const char *folder)
{
  static const char *const names[] = { "gauge.key", "gauge.key_secret", "gauge.allowed",
                                       "gauge.url", "" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, "keys", names[i], NULL);

      g_remove (path);
    }
  g_rmdir (folder);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  close_server (fixture);
  g_object_unref (fixture->gauge);
  plant_rpc_keypair_unref (fixture->keypair);
  plant_rpc_keypair_unref (fixture->thief);
  g_string_free (fixture->told, TRUE);
  g_free (fixture->allowed);
  if (fixture->folder == NULL)
    return;
  remove_folder (fixture->folder);
  g_free (fixture->folder);
}

static char *
invite (Fixture      *fixture,
        PlantRpcRole  role)
{
  g_autoptr (GError) error = NULL;
  char *link = plant_rpc_server_invite (fixture->server, role, 0, &error);

  g_assert_no_error (error);
  return link;
}

/* Returns the URL, or NULL with ERROR. */
static char *
join (const char       *link,
      PlantRpcKeypair  *keypair,
      const char       *name,
      GError          **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plant_rpc_pair (link, keypair, name, NULL, test_keep_result, &result);
  test_wait_until (result != NULL);
  return plant_rpc_pair_finish (result, error);
}

static void
assert_joins (Fixture         *fixture,
              const char      *link,
              PlantRpcKeypair *keypair,
              const char      *name,
              PlantRpcRole     role)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = join (link, keypair, name, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (url, ==, plant_rpc_server_get_url (fixture->server));
  g_assert_cmpint (plant_rpc_authenticator_get_role (fixture->authenticator, get_key (keypair)), ==,
                   role);
}

/* KEYPAIR is not let in, and is told TEXT. */
static void
assert_fails (const char      *link,
              PlantRpcKeypair *keypair,
              int              code,
              const char      *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (join (link, keypair, "thief", &error));
  g_assert_error (error, G_IO_ERROR, code);
  if (strstr (error->message, text) == NULL)
    g_error ("“%s” is not in “%s”", text, error->message);
}

static void
assert_told (Fixture    *fixture,
             const char *text)
{
  test_wait_until (strlen (fixture->told->str) >= strlen (text));
  g_assert_cmpstr (fixture->told->str, ==, text);
  g_string_truncate (fixture->told, 0);
}

static char *
read_allowed (Fixture *fixture)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (fixture->allowed, &text, NULL, NULL));
  return text;
}

static PlantRpcKeypair *
take_pair (const char *link)
{
  g_auto (PlantRpcInvitation) invitation = { 0 };

  g_assert_true (plant_rpc_invitation_parse (&invitation, link, NULL));
  return g_steal_pointer (&invitation.pair);
}

/* ---- what is promised */

static void
test_join (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *link = invite (fixture, OPERATOR);
  g_autoptr (PlantRpcClient) client = NULL;
  g_autofree char *label = NULL;
  g_auto (GStrv) left = NULL;

  assert_joins (fixture, link, fixture->keypair, "Eva's desk", OPERATOR);
  assert_told (fixture, "Eva's desk joined as 2 from 127.0.0.1. ");
  label = plant_rpc_authenticator_dup_label (fixture->authenticator, get_key (fixture->keypair));
  g_assert_cmpstr (label, ==, "Eva's desk");
  left = plant_rpc_authenticator_list_invitations (fixture->authenticator);
  g_assert_cmpuint (g_strv_length (left), ==, 0);
  client = g_object_new (PLANT_RPC_TYPE_CLIENT, "url", plant_rpc_server_get_url (fixture->server),
                         "keypair", fixture->keypair, NULL);
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  g_assert_cmpint (plant_rpc_client_get_role (client), ==, OPERATOR);
}

/* Who has joined may try again; who comes later is told that somebody was faster. */
static void
test_used (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *link = invite (fixture, OPERATOR);

  assert_joins (fixture, link, fixture->keypair, "Eva", OPERATOR);
  assert_joins (fixture, link, fixture->keypair, "Eva", OPERATOR);
  assert_fails (link, fixture->thief, G_IO_ERROR_PERMISSION_DENIED, "has been used by somebody");
  assert_told (fixture, "Eva joined as 2 from 127.0.0.1. thief came used from 127.0.0.1. ");
  g_assert_cmpint (
      plant_rpc_authenticator_get_role (fixture->authenticator, get_key (fixture->thief)), ==,
      PLANT_RPC_ROLE_NONE);
  /* Who has joined and was revoked does not come in again by it. */
  plant_rpc_authenticator_revoke (fixture->authenticator, get_key (fixture->keypair), NULL);
  assert_fails (link, fixture->keypair, G_IO_ERROR_PERMISSION_DENIED, "has been used by somebody");
}

static void
test_expired (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *link = invite (fixture, OPERATOR);

  test_clock_step (600 * G_USEC_PER_SEC);
  assert_fails (link, fixture->keypair, G_IO_ERROR_PERMISSION_DENIED, "has expired");
  assert_told (fixture, "thief came expired from 127.0.0.1. ");
  test_clock_step (4300 * (gint64) G_USEC_PER_SEC);
  assert_fails (link, fixture->keypair, G_IO_ERROR_PERMISSION_DENIED,
                "does not know this invitation");
  test_clock_reset ();
}

static void
test_taken_back (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *link = invite (fixture, OPERATOR);
  g_auto (GStrv) keys = plant_rpc_authenticator_list_invitations (fixture->authenticator);
  PlantRpcRole role;
  guint left;

  g_assert_cmpuint (g_strv_length (keys), ==, 1);
  g_assert_true (
      plant_rpc_authenticator_get_invitation (fixture->authenticator, keys[0], &role, &left));
  g_assert_cmpint (role, ==, OPERATOR);
  g_assert_cmpuint (left, >, 0);
  g_assert_cmpuint (left, <=, 600);
  g_assert_true (plant_rpc_authenticator_revoke (fixture->authenticator, keys[0], NULL));
  g_assert_false (
      plant_rpc_authenticator_get_invitation (fixture->authenticator, keys[0], NULL, NULL));
  assert_fails (link, fixture->keypair, G_IO_ERROR_PERMISSION_DENIED,
                "does not know this invitation");
}

static void
test_lifetimes (Fixture       *fixture,
                gconstpointer  data)
{
  static const guint bad[] = { 1, 9, 86401, G_MAXUINT };
  g_auto (GStrv) keys = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (plant_rpc_server_invite (fixture->server, VIEWER, bad[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
  keys = plant_rpc_authenticator_list_invitations (fixture->authenticator);
  g_assert_cmpuint (g_strv_length (keys), ==, 0);
}

/* Nobody loses what he has, and nobody is called otherwise. */
static void
test_known_key (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *lower = invite (fixture, VIEWER);
  g_autofree char *higher = invite (fixture, PLANT_RPC_ROLE_ADMINISTRATOR);
  g_autofree char *label = NULL;
  const char *key = get_key (fixture->keypair);

  plant_rpc_authenticator_allow (fixture->authenticator, key, OPERATOR, "Eva", NULL);
  assert_joins (fixture, lower, fixture->keypair, "Mallory", OPERATOR);
  assert_joins (fixture, higher, fixture->keypair, "Mallory", PLANT_RPC_ROLE_ADMINISTRATOR);
  label = plant_rpc_authenticator_dup_label (fixture->authenticator, key);
  g_assert_cmpstr (label, ==, "Eva");
}

static void
keep_second (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  test_keep_result (source, result, data);
}

static void
test_two_at_once (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autofree char *link = invite (fixture, OPERATOR);
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autofree char *url = NULL;
  g_autofree char *other = NULL;
  g_auto (GStrv) keys = NULL;

  plant_rpc_pair (link, fixture->keypair, "a", NULL, test_keep_result, &first);
  plant_rpc_pair (link, fixture->thief, "b", NULL, keep_second, &second);
  test_wait_until (first != NULL && second != NULL);
  url = plant_rpc_pair_finish (first, NULL);
  other = plant_rpc_pair_finish (second, NULL);
  g_assert_true ((url == NULL) != (other == NULL));
  keys = plant_rpc_authenticator_list_keys (fixture->authenticator);
  g_assert_cmpuint (g_strv_length (keys), ==, 1);
  g_assert_cmpstr (keys[0], ==, get_key (url != NULL ? fixture->keypair : fixture->thief));
}

static void
test_elsewhere (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (PlantRpcServer) plain =
      plant_rpc_server_new (G_OBJECT (fixture->gauge), "tcp://127.0.0.1:*");
  g_autofree char *link = invite (fixture, OPERATOR);
  const char *rest = strchr (strstr (link, "://") + 3, '/');
  g_autofree char *nobody = g_strconcat ("plantrpc+curve://127.0.0.1:1", rest, NULL);
  g_autofree char *unsecured = NULL;
  g_autofree char *swapped = NULL;
  g_autofree char *wrong = NULL;
  g_autoptr (GError) error = NULL;

  assert_fails (nobody, fixture->keypair, G_IO_ERROR_CONNECTION_REFUSED, "Nobody listens");
  assert_fails ("nonsense", fixture->keypair, G_IO_ERROR_INVALID_ARGUMENT, "is no invitation");
  g_assert_null (plant_rpc_server_invite (plain, OPERATOR, 0, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_true (plant_rpc_server_start (plain, NULL));
  g_assert_null (plant_rpc_server_invite (plain, OPERATOR, 0, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
  unsecured = g_strdup_printf ("plantrpc+curve://127.0.0.1:%u%s",
                               plant_rpc_server_get_port (plain), rest);
  assert_fails (unsecured, fixture->keypair, G_IO_ERROR_PERMISSION_DENIED, "is not secured");
  swapped = g_strdup_printf ("plantrpc+curve://127.0.0.1:%u/#%s%s",
                             plant_rpc_server_get_port (fixture->server), get_key (fixture->thief),
                             strrchr (link, '.'));
  assert_fails (swapped, fixture->keypair, G_IO_ERROR_PERMISSION_DENIED, "has another key than");
  g_assert_cmpstr (fixture->told->str, ==, "");
  assert_joins (fixture, link, fixture->keypair, "Eva", OPERATOR);
}

/* A host that does not even refuse is no time-out either. */
static void
test_silence (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (TestPeer) silent = test_peer_new (ZMQ_STREAM, NULL);
  g_autofree char *link = invite (fixture, OPERATOR);
  const char *rest = strchr (strstr (link, "://") + 3, '/');
  g_autofree char *there =
      g_strdup_printf ("plantrpc+curve://127.0.0.1:%u%s", test_peer_bind (silent), rest);

  test_clock_stretch (0.05);
  assert_fails (there, fixture->keypair, G_IO_ERROR_HOST_UNREACHABLE, "There is no answer");
  test_clock_reset ();
}

static gpointer
join_blocking (gpointer data)
{
  Fixture *fixture = data;
  g_autofree char *link = invite (fixture, OPERATOR);
  g_autoptr (GError) error = NULL;
  char *url = plant_rpc_pair_sync (link, fixture->keypair, NULL, NULL, &error);

  g_assert_no_error (error);
  return url;
}

typedef struct {
  Fixture  *fixture;
  char     *url;
  gboolean  done;
} Blocking;

static gpointer
run_blocking (gpointer data)
{
  Blocking *blocking = data;

  blocking->url = join_blocking (blocking->fixture);
  g_atomic_int_set (&blocking->done, TRUE);
  return NULL;
}

static void
test_blocking (Fixture       *fixture,
               gconstpointer  data)
{
  Blocking blocking = { fixture };
  GThread *thread = g_thread_new ("desk", run_blocking, &blocking);

  test_wait_until (g_atomic_int_get (&blocking.done));
  g_thread_join (thread);
  g_assert_cmpstr (blocking.url, ==, plant_rpc_server_get_url (fixture->server));
  g_free (blocking.url);
}

static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *link = invite (fixture, OPERATOR);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_pair (link, fixture->keypair, NULL, cancellable, test_keep_result, &result);
  g_cancellable_cancel (cancellable);
  test_wait_until (result != NULL);
  g_assert_null (plant_rpc_pair_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (plant_rpc_pair_sync (link, fixture->keypair, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* ---- peers by hand */

static TestPeer *
new_raw_peer (Fixture         *fixture,
              PlantRpcKeypair *keypair)
{
  return test_peer_new_secured (plant_rpc_server_get_port (fixture->server),
                                plant_rpc_server_get_keypair (fixture->server), keypair);
}

static void
assert_only_joins (TestPeer        *peer,
                   PlantRpcRequest  request)
{
  g_auto (PlantRpcReply) reply = { 0 };

  request.format = PLANT_RPC_FORMAT_NATIVE;
  test_peer_ask_native (peer, &request, &reply);
  g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  g_assert_cmpstr (reply.error->message, ==, "An invitation can only be used to join");
}

static void
assert_answer (TestPeer   *peer,
               const char *key,
               const char *name,
               const char *expected)
{
  PlantRpcRequest request = { .format = PLANT_RPC_FORMAT_NATIVE, .event = PLANT_RPC_EVENT_JOIN,
                              .key = g_strdup (key), .name = g_strdup (name) };
  g_auto (PlantRpcReply) reply = { 0 };

  test_peer_ask_native (peer, &request, &reply);
  if (reply.error != NULL)
    g_assert_cmpstr (reply.error->message, ==, expected);
  else
    g_assert_cmpstr (g_variant_get_string (reply.value, NULL), ==, expected);
}

static void
add_rubbish (TestPeer   *peer,
             const void *bytes,
             gsize       size)
{
  g_autoptr (GPtrArray) frames =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) answer = NULL;
  g_auto (PlantRpcReply) reply = { 0 };

  g_ptr_array_add (frames, g_bytes_new ("12345678", 8));
  g_ptr_array_add (frames, g_bytes_new (NULL, 0));
  g_ptr_array_add (frames, g_bytes_new (bytes, size));
  test_peer_send (peer, frames);
  answer = test_peer_receive (peer);
  g_assert_true (plant_rpc_reply_unpack (&reply, PLANT_RPC_EVENT_PROPERTY_GET, FALSE,
                                         answer->pdata[2], NULL, NULL));
  g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
}

static guint n_lanes_wanted;

gboolean __real_plant_rpc_lane_door_offer (PlantRpcLaneDoor  *self,
                                           guint64            connection,
                                           int                fd,
                                           const char        *address,
                                           PlantRpcLaneOffer *offer);
gboolean __wrap_plant_rpc_lane_door_offer (PlantRpcLaneDoor  *self,
                                           guint64            connection,
                                           int                fd,
                                           const char        *address,
                                           PlantRpcLaneOffer *offer);

gboolean
__wrap_plant_rpc_lane_door_offer (PlantRpcLaneDoor  *self,
                                  guint64            connection,
                                  int                fd,
                                  const char        *address,
                                  PlantRpcLaneOffer *offer)
{
  n_lanes_wanted++;
  return __real_plant_rpc_lane_door_offer (self, connection, fd, address, offer);
}

/* N is how many requests for a lane are looked at. */
static void
ask_for_lane (TestPeer *peer,
              guint     n)
{
  g_autoptr (GPtrArray) frames =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) answer = NULL;

  n_lanes_wanted = 0;
  g_ptr_array_add (frames, g_bytes_new ("12345678", 8));
  g_ptr_array_add (frames, g_bytes_new (NULL, 0));
  g_ptr_array_add (frames, plant_rpc_lane_message_pack_ask (""));
  test_peer_send (peer, frames);
  answer = test_peer_receive (peer);
  g_assert_cmpuint (n_lanes_wanted, ==, n);
}

/* All that a client can ask for is refused, and nothing is told of what there is. */
static void
test_only_join (Fixture       *fixture,
                gconstpointer  data)
{
  static const char malformed_call[] = "\x81level";
  g_autofree char *link = invite (fixture, PLANT_RPC_ROLE_ADMINISTRATOR);
  g_autoptr (PlantRpcKeypair) pair = take_pair (link);
  g_autoptr (TestPeer) peer = new_raw_peer (fixture, pair);

  plant_rpc_server_set_allow_stop (fixture->server, TRUE);
  test_gauge_set_level (fixture->gauge, 40);
  assert_only_joins (peer, (PlantRpcRequest) { .event = PLANT_RPC_EVENT_PROPERTY_GET,
                                               .name = g_strdup ("level") });
  assert_only_joins (peer, (PlantRpcRequest) {
                               .event = PLANT_RPC_EVENT_PROPERTY_SET, .name = g_strdup ("level"),
                               .value = g_variant_ref_sink (g_variant_new_int32 (9)) });
  assert_only_joins (peer, (PlantRpcRequest) { .event = PLANT_RPC_EVENT_METHOD_CALL,
                                               .name = g_strdup ("home") });
  assert_only_joins (peer, (PlantRpcRequest) { .event = PLANT_RPC_EVENT_GET_ALL });
  assert_only_joins (peer, (PlantRpcRequest) { .event = PLANT_RPC_EVENT_SUBSCRIBE,
                                               .number = 1 << 20 });
  assert_only_joins (peer, (PlantRpcRequest) { .event = PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED,
                                               .number = 1 << 20 });
  assert_only_joins (peer, (PlantRpcRequest) { .event = PLANT_RPC_EVENT_STOP_SERVER });
  test_peer_assert_refused (peer, "{\"event\": \"GET_INVENTORY\"}", "refused");
  test_peer_assert_refused (peer, "{\"event\": \"GET_INVENTORY\", \"plantrpc\": 2}", "refused");
  test_peer_assert_refused (peer, "{\"event\": \"INIT_SIGNALS_HANDLING\"}", "refused");
  test_peer_assert_refused (peer, "{\"event\": \"FIND_PEER_ADDRESS\"}", "refused");
  test_peer_assert_refused (peer, "{\"event\": \"METHOD_CALL\", \"method\": \"home\"}", "refused");
  test_peer_assert_refused (peer, "{}", "refused");
  add_rubbish (peer, malformed_call, sizeof malformed_call);
  ask_for_lane (peer, 0);
  /* No signal or change reaches it. */
  test_gauge_set_level (fixture->gauge, 55);
  test_gauge_ping (fixture->gauge);
  g_assert_cmpint (test_gauge_get_level (fixture->gauge), ==, 55);
  assert_answer (peer, get_key (fixture->keypair), "Eva", "administrator");
  g_assert_null (test_peer_try_receive (peer));
  /* Once used it may do no more than before. */
  assert_only_joins (peer, (PlantRpcRequest) { .event = PLANT_RPC_EVENT_GET_ALL });
  assert_answer (peer, get_key (fixture->thief), "b", "used");
  g_assert_true (plant_rpc_server_get_running (fixture->server));
}

/* Whoever has a role may ask for one. */
static void
test_lane (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (TestPeer) peer = NULL;

  plant_rpc_authenticator_allow (fixture->authenticator, get_key (fixture->keypair), VIEWER, NULL,
                                 NULL);
  peer = new_raw_peer (fixture, fixture->keypair);
  ask_for_lane (peer, 1);
}

/* What is not well-formed uses nothing up. */
static void
test_bad_joins (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *link = invite (fixture, VIEWER);
  g_autofree char *other = invite (fixture, VIEWER);
  g_autoptr (PlantRpcKeypair) pair = take_pair (link);
  g_autoptr (PlantRpcKeypair) other_pair = take_pair (other);
  g_autoptr (TestPeer) peer = new_raw_peer (fixture, pair);
  g_autofree char *long_name = g_strnfill (129, 'x');
  const char *key = get_key (fixture->keypair);

  assert_answer (peer, "", "Eva", "Who joins tells a public key");
  assert_answer (peer, "key", "Eva", "Who joins tells a public key");
  assert_answer (peer, key, "a\nb", "The name of who joins is one line of at most 128 bytes");
  assert_answer (peer, key, "\x1b[2J", "The name of who joins is one line of at most 128 bytes");
  assert_answer (peer, key, long_name, "The name of who joins is one line of at most 128 bytes");
  assert_answer (peer, get_key (pair), "Eva",
                 "Who joins tells a key of his own, not that of an invitation");
  assert_answer (peer, get_key (other_pair), "Eva",
                 "Who joins tells a key of his own, not that of an invitation");
  g_assert_null (strstr (fixture->told->str, "joined"));
  assert_answer (peer, key, "  ", "viewer");
  g_assert_null (plant_rpc_authenticator_dup_label (fixture->authenticator, key));
}

/* Whoever has a role has no invitation. */
static void
test_join_by_role (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (TestPeer) peer = NULL;

  plant_rpc_authenticator_allow (fixture->authenticator, get_key (fixture->keypair),
                                 PLANT_RPC_ROLE_ADMINISTRATOR, NULL, NULL);
  peer = new_raw_peer (fixture, fixture->keypair);
  assert_answer (peer, get_key (fixture->thief), "thief",
                 "Only who is connected by the key of an invitation can join");
}

static void
test_unsecured (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (PlantRpcServer) plain =
      plant_rpc_server_new (G_OBJECT (fixture->gauge), "tcp://127.0.0.1:*");
  g_autoptr (TestPeer) peer = NULL;

  g_assert_true (plant_rpc_server_start (plain, NULL));
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (plain));
  assert_answer (peer, get_key (fixture->thief), "thief",
                 "This server is not secured, so nobody needs to join");
}

static gboolean
start_again (gpointer server)
{
  return plant_rpc_server_start (server, NULL) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
stop_once (PlantRpcAuthenticator *authenticator,
           const char            *key,
           PlantRpcServer        *server)
{
  g_signal_handlers_disconnect_by_func (authenticator, stop_once, server);
  plant_rpc_server_stop (server);
  g_timeout_add (20, start_again, server);
}

/* The answer is lost: who has joined is in, and finds that out by itself. */
static void
test_lost_answer (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u",
                                          plant_rpc_server_get_port (fixture->server));
  g_autofree char *link = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *joined = NULL;

  close_server (fixture);
  open_server (fixture, url);
  link = invite (fixture, OPERATOR);
  g_signal_connect (fixture->authenticator, "changed", G_CALLBACK (stop_once), fixture->server);
  joined = join (link, fixture->keypair, "Eva", &error);
  test_wait_until (plant_rpc_server_get_running (fixture->server));
  g_assert_cmpint (
      plant_rpc_authenticator_get_role (fixture->authenticator, get_key (fixture->keypair)), ==,
      OPERATOR);
  g_clear_error (&error);
  assert_joins (fixture, link, fixture->keypair, "Eva", OPERATOR);
  assert_told (fixture, "Eva joined as 2 from 127.0.0.1. ");
}

/* ---- the file */

static void
test_file (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *link = invite (fixture, OPERATOR);
  g_autofree char *before = read_allowed (fixture);
  g_autofree char *after = NULL;
  g_autofree char *expected =
      g_strdup_printf ("%s operator Eva's desk\n", get_key (fixture->keypair));

  g_assert_nonnull (strstr (before, " invited operator 600 "));
  g_assert_null (strstr (before, strrchr (link, '.') + 1));
  assert_joins (fixture, link, fixture->keypair, "Eva's desk", OPERATOR);
  after = read_allowed (fixture);
  g_assert_cmpstr (after, ==, expected);
}

static PlantRpcAuthenticator *
open_table (void)
{
  g_autoptr (GError) error = NULL;
  PlantRpcAuthenticator *table = plant_rpc_authenticator_new_for_name ("gauge", &error);

  g_assert_no_error (error);
  return table;
}

/* The command on the device is another process. */
static void
test_other_process (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (PlantRpcAuthenticator) table = open_table ();
  g_autofree char *url = plant_rpc_authenticator_find_url (table, NULL);
  g_autofree char *link = plant_rpc_authenticator_invite (table, url, VIEWER, 0, NULL);
  g_autoptr (PlantRpcKeypair) pair = take_pair (link);
  g_autofree char *second = NULL;
  g_autoptr (PlantRpcKeypair) second_pair = NULL;

  g_assert_cmpstr (url, ==, plant_rpc_server_get_url (fixture->server));
  test_wait_until (plant_rpc_authenticator_get_invitation (fixture->authenticator, get_key (pair),
                                                           NULL, NULL));
  assert_joins (fixture, link, fixture->keypair, "Eva", VIEWER);
  second = plant_rpc_authenticator_invite (table, url, VIEWER, 0, NULL);
  second_pair = take_pair (second);
  test_wait_until (plant_rpc_authenticator_get_invitation (
      fixture->authenticator, get_key (second_pair), NULL, NULL));
  g_assert_true (plant_rpc_authenticator_revoke (table, get_key (second_pair), NULL));
  test_wait_until (!plant_rpc_authenticator_get_invitation (
      fixture->authenticator, get_key (second_pair), NULL, NULL));
  assert_fails (second, fixture->thief, G_IO_ERROR_PERMISSION_DENIED,
                "does not know this invitation");
}

/* Two servers share the file, and one that has not seen yet that the line is gone loses. */
static void
test_other_server (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autofree char *link = invite (fixture, OPERATOR);
  g_autofree char *nothing = g_strdup ("");

  g_assert_true (g_file_set_contents (fixture->allowed, nothing, 0, NULL));
  {
    g_autoptr (PlantRpcKeypair) pair = take_pair (link);
    const PlantRpcJoin join = { get_key (pair), get_key (fixture->thief), "thief", "" };
    g_autoptr (GError) error = NULL;

    g_assert_cmpstr (plant_rpc_authenticator_join (fixture->authenticator, &join, &error), ==,
                     "gone");
    g_assert_no_error (error);
    g_assert_false (plant_rpc_authenticator_is_invitation (fixture->authenticator,
                                                           get_key (pair)));
  }
  g_assert_cmpint (
      plant_rpc_authenticator_get_role (fixture->authenticator, get_key (fixture->thief)), ==,
      PLANT_RPC_ROLE_NONE);
}

static void
test_restart (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *link = invite (fixture, OPERATOR);
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u",
                                          plant_rpc_server_get_port (fixture->server));
  g_autoptr (PlantRpcAuthenticator) table = open_table ();
  g_autoptr (GError) error = NULL;

  close_server (fixture);
  g_assert_null (plant_rpc_authenticator_find_url (table, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  assert_fails (link, fixture->keypair, G_IO_ERROR_CONNECTION_REFUSED, "Nobody listens");
  open_server (fixture, url);
  assert_joins (fixture, link, fixture->keypair, "Eva", OPERATOR);
}

/* The key cannot be stored, as on a full disk: nobody is told that it was, and the invitation is as
 * good as before. */
static void
test_not_stored (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *link = invite (fixture, OPERATOR);
  g_autofree char *before = read_allowed (fixture);
  g_autofree char *after = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  struct rlimit former;
  struct rlimit full;

  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &former);
  full = (struct rlimit) { 0, former.rlim_max };
  setrlimit (RLIMIT_FSIZE, &full);
  url = join (link, fixture->keypair, "Eva", &error);
  setrlimit (RLIMIT_FSIZE, &former);
  g_assert_null (url);
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_nonnull (strstr (error->message, "could not store the key"));
  g_assert_cmpint (
      plant_rpc_authenticator_get_role (fixture->authenticator, get_key (fixture->keypair)), ==,
      PLANT_RPC_ROLE_NONE);
  after = read_allowed (fixture);
  g_assert_cmpstr (after, ==, before);
  assert_joins (fixture, link, fixture->keypair, "Eva", OPERATOR);
  assert_told (fixture, "Eva joined as 2 from 127.0.0.1. ");
}

/* What has expired disappears from the file by itself. */
static void
test_tidy (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *link = invite (fixture, OPERATOR);
  g_autofree char *text = read_allowed (fixture);

  g_assert_cmpstr (text, !=, "");
  test_clock_step (600 * G_USEC_PER_SEC);
  do
    {
      test_iterate ();
      g_free (text);
      text = read_allowed (fixture);
    }
  while (*text != '\0');
  test_clock_reset ();
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
#define add_file(path, function) g_test_add (path, Fixture, "file", set_up, function, tear_down)
  add ("/pairing/join", test_join);
  add ("/pairing/used", test_used);
  add ("/pairing/expired", test_expired);
  add ("/pairing/taken-back", test_taken_back);
  add ("/pairing/lifetimes", test_lifetimes);
  add ("/pairing/known-key", test_known_key);
  add ("/pairing/two-at-once", test_two_at_once);
  add ("/pairing/elsewhere", test_elsewhere);
  add ("/pairing/silence", test_silence);
  add ("/pairing/blocking", test_blocking);
  add ("/pairing/cancelled", test_cancelled);
  add ("/pairing/only-join", test_only_join);
  add ("/pairing/lane", test_lane);
  add ("/pairing/bad-joins", test_bad_joins);
  add ("/pairing/join-by-role", test_join_by_role);
  add ("/pairing/unsecured", test_unsecured);
  add ("/pairing/lost-answer", test_lost_answer);
  add_file ("/pairing/file", test_file);
  add_file ("/pairing/known-key-in-file", test_known_key);
  add_file ("/pairing/two-at-once-in-file", test_two_at_once);
  add_file ("/pairing/used-in-file", test_used);
  add_file ("/pairing/other-process", test_other_process);
  add_file ("/pairing/other-server", test_other_server);
  add_file ("/pairing/restart", test_restart);
  add_file ("/pairing/not-stored", test_not_stored);
  add_file ("/pairing/tidy", test_tidy);
  return g_test_run ();
}
