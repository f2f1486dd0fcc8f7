/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "plant-rpc-lane-client-private.h"
#include "plant-rpc-lane-message-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-test-descriptors.h"
#include "plant-rpc-test-device.h"

#define MAX_SIZE 100000 /* bytes of a part */

/* The test is the server: it answers what the client asks over the ordinary connection, and listens
 * for the lane. */
typedef struct {
  int                 ordinary[2];
  int                 listener;
  char               *name;     /* of the listener */
  PlantRpcTimer      *timer;
  PlantRpcLaneClient *client;
  GBytes             *asked;    /* (nullable): the latest request */
  PlantRpcReplyFunc   answer;   /* takes its reply */
  gpointer            data;
  GString            *told;     /* a word for each thing that the client tells */
} Fixture;

static void
on_request (gpointer           owner,
            GBytes            *payload,
            PlantRpcReplyFunc  func,
            gpointer           user_data)
{
  Fixture *self = owner;

  g_clear_pointer (&self->asked, g_bytes_unref);
  self->asked = g_bytes_ref (payload);
  self->answer = func;
  self->data = user_data;
}

static void
on_received (gpointer             owner,
             PlantRpcLaneMessage *message)
{
  g_string_append_printf (((Fixture *) owner)->told, "received:%d ", (int) message->id);
}

static void
on_returned (gpointer  owner,
             guint64   id,
             GBytes   *payload,
             GBytes   *buffer)
{
  g_string_append_printf (((Fixture *) owner)->told, "returned:%d ", (int) id);
}

static void
on_flooded (gpointer owner)
{
  g_string_append (((Fixture *) owner)->told, "flooded ");
}

static void
on_failed (gpointer owner)
{
  g_string_append (((Fixture *) owner)->told, "failed ");
}

static const PlantRpcLaneClientFuncs funcs = {
  .request = on_request,
  .received = on_received,
  .returned = on_returned,
  .flooded = on_flooded,
  .failed = on_failed,
};

static int
listen_as (const char *name)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  memcpy (address.sun_path + 1, name, strlen (name));
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address,
                         offsetof (struct sockaddr_un, sun_path) + 1 + strlen (name)), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  return fd;
}

/* DATA is how the name of the listener begins. */
static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_assert_cmpint (
      socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, self->ordinary), ==, 0);
  self->name = g_strdup_printf ("%s-test-%d", (const char *) data, (int) getpid ());
  self->listener = listen_as (self->name);
  self->timer = test_timer_new ();
  self->told = g_string_new (NULL);
  self->client = plant_rpc_lane_client_new (self->ordinary[0], MAX_SIZE, g_main_context_default (),
                                            self->timer, &funcs, self);
  plant_rpc_lane_client_start (self->client);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_lane_client_free (self->client);
  plant_rpc_timer_free (self->timer);
  g_clear_pointer (&self->asked, g_bytes_unref);
  g_string_free (self->told, TRUE);
  close (self->listener);
  close (self->ordinary[0]);
  close (self->ordinary[1]);
  g_free (self->name);
}

static gboolean
is_asked (Fixture *self,
          guint8   kind)
{
  return self->asked != NULL && plant_rpc_message_get_kind (self->asked) == kind;
}

/* Takes ownership of PAYLOAD. */
static void
answer (Fixture *self,
        GBytes  *payload)
{
  g_autoptr (GBytes) owned = payload;

  g_clear_pointer (&self->asked, g_bytes_unref);
  self->answer (owned, NULL, NULL, self->data);
}

static GBytes *
pack_kind (guint8 kind)
{
  return g_bytes_new (&kind, 1);
}

static void
offer (Fixture *self)
{
  PlantRpcLaneOffer made = { "token", "proof", self->name, 0 };

  g_assert_true (is_asked (self, PLANT_RPC_KIND_LANE_ASK));
  answer (self, plant_rpc_lane_message_pack_offer (&made));
}

static int
accept_client (Fixture *self)
{
  guint8 token[PLANT_RPC_LANE_SECRET_SIZE];
  int fd = -1;

  test_wait_until ((fd = accept (self->listener, NULL, NULL)) >= 0);
  g_assert_cmpint (fcntl (fd, F_SETFL, O_NONBLOCK), ==, 0);
  test_wait_until (recv (fd, token, sizeof token, MSG_DONTWAIT) == sizeof token);
  g_assert_cmpstr ((const char *) token, ==, "token");
  return fd;
}

static void
prove (int         fd,
       const char *proof)
{
  guint8 bytes[PLANT_RPC_LANE_SECRET_SIZE] = { 0 };

  strcpy ((char *) bytes, proof);
  g_assert_cmpint (send (fd, bytes, sizeof bytes, MSG_NOSIGNAL), ==, sizeof bytes);
}

/* Returns the server's end of the lane, which has begun. */
static PlantRpcLane *
open_lane (Fixture *self)
{
  int fd;

  offer (self);
  fd = accept_client (self);
  prove (fd, "proof");
  test_wait_until (is_asked (self, PLANT_RPC_KIND_LANE_BEGIN));
  return plant_rpc_lane_new (fd, MAX_SIZE);
}

static void
send_message (Fixture *self,
              guint64  id)
{
  g_autoptr (GBytes) payload = g_bytes_new_static ("hello", 5);

  g_assert_true (plant_rpc_lane_client_is_used (self->client));
  plant_rpc_lane_client_send (self->client, id, payload);
}

static gboolean
takes (PlantRpcLane *lane,
       guint64       id)
{
  g_auto (PlantRpcLaneMessage) message = { .id = 0 };

  return plant_rpc_lane_take (lane, &message) && message.id == id;
}

/* ---- offers */

static void
assert_unused (Fixture *self)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_false (plant_rpc_lane_client_is_used (self->client));
  g_assert_cmpint (accept (self->listener, NULL, NULL), <, 0);
  g_assert_null (self->asked);
  g_assert_cmpstr (self->told->str, ==, "");
}

static void
test_refused (Fixture       *self,
              gconstpointer  data)
{
  answer (self, pack_kind (PLANT_RPC_KIND_ERROR));
  assert_unused (self);
}

static void
test_malformed (Fixture       *self,
                gconstpointer  data)
{
  answer (self, pack_kind (PLANT_RPC_KIND_LANE_OFFER));
  assert_unused (self);
}

/* A server has the client connect to nothing but lanes. */
static void
test_foreign_name (Fixture       *self,
                   gconstpointer  data)
{
  offer (self);
  assert_unused (self);
}

static void
test_nobody_there (Fixture       *self,
                   gconstpointer  data)
{
  self->name[strlen (self->name) - 1] ^= 1;
  offer (self);
  assert_unused (self);
}

static void
test_wrong_proof (Fixture       *self,
                  gconstpointer  data)
{
  int fd;

  offer (self);
  fd = accept_client (self);
  prove (fd, "prooF");
  test_wait_until (recv (fd, &(char) { 0 }, 1, MSG_DONTWAIT) == 0);
  close (fd);
  assert_unused (self);
}

static void
test_closed_at_once (Fixture       *self,
                     gconstpointer  data)
{
  offer (self);
  close (accept_client (self));
  assert_unused (self);
}

/* A lane takes none of the descriptors that the program may need. */
static void
offer_with (Fixture *self,
            guint    n_descriptors)
{
  struct rlimit former, lower;

  getrlimit (RLIMIT_NOFILE, &former);
  lower = former;
  lower.rlim_cur = test_find_limit (n_descriptors);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &lower));
  offer (self);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &former));
}

static void
test_scarce (Fixture       *self,
             gconstpointer  data)
{
  offer_with (self, PLANT_RPC_SPARE_DESCRIPTORS);
  assert_unused (self);
}

static void
test_just_enough (Fixture       *self,
                  gconstpointer  data)
{
  int fd;

  offer_with (self, PLANT_RPC_SPARE_DESCRIPTORS + 1);
  fd = accept_client (self);
  prove (fd, "proof");
  test_wait_until (is_asked (self, PLANT_RPC_KIND_LANE_BEGIN));
  close (fd);
}

/* ---- messages */

static void
test_used (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (PlantRpcLane) lane = open_lane (self);
  g_autoptr (GBytes) reply = g_bytes_new_static ("reply", 5);

  send_message (self, 5);
  test_wait_until (takes (lane, 5));
  /* What comes over the lane waits for what comes before it over the ordinary connection. */
  plant_rpc_lane_send (lane, 5, reply, NULL);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpstr (self->told->str, ==, "");
  answer (self, pack_kind (PLANT_RPC_KIND_DONE));
  test_wait_until (g_str_equal (self->told->str, "received:5 "));
  send_message (self, 6);
  test_wait_until (takes (lane, 6));
}

static void
test_begin_refused (Fixture       *self,
                    gconstpointer  data)
{
  g_autoptr (PlantRpcLane) lane = open_lane (self);

  send_message (self, 5);
  send_message (self, 6);
  answer (self, pack_kind (PLANT_RPC_KIND_ERROR));
  g_assert_cmpstr (self->told->str, ==, "returned:5 returned:6 ");
  g_assert_false (plant_rpc_lane_client_is_used (self->client));
}

/* The answer cannot be read, so that nobody knows whether the server reads the lane. */
static void
test_begin_unreadable (Fixture       *self,
                       gconstpointer  data)
{
  g_autoptr (PlantRpcLane) lane = open_lane (self);

  send_message (self, 5);
  answer (self, g_bytes_new_static ("", 0));
  g_assert_cmpstr (self->told->str, ==, "failed ");
}

/* The client has seen the end of the lane before it is told why. */
static void
test_begin_refused_late (Fixture       *self,
                         gconstpointer  data)
{
  g_autoptr (PlantRpcLane) lane = open_lane (self);
  g_autoptr (GBytes) refusal = pack_kind (PLANT_RPC_KIND_ERROR);
  const PlantRpcReplyFunc begun = self->answer;

  send_message (self, 5);
  plant_rpc_lane_break (lane);
  send_message (self, 6);
  plant_rpc_lane_client_process (self->client);
  g_assert_true (is_asked (self, PLANT_RPC_KIND_LANE_END));
  begun (refusal, NULL, NULL, self->data);
  g_assert_cmpstr (self->told->str, ==, "returned:5 returned:6 ");
  answer (self, pack_kind (PLANT_RPC_KIND_ERROR));
  g_assert_cmpstr (self->told->str, ==, "returned:5 returned:6 ");
  g_assert_false (plant_rpc_lane_client_is_used (self->client));
}

/* What has come before the end counts, and what is sent after it is returned as well. */
static void
test_broken (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (PlantRpcLane) lane = open_lane (self);
  g_autoptr (GBytes) reply = g_bytes_new_static ("reply", 5);
  guint64 n_received = 0;

  answer (self, pack_kind (PLANT_RPC_KIND_DONE));
  send_message (self, 5);
  send_message (self, 6);
  test_wait_until (takes (lane, 5));
  plant_rpc_lane_send (lane, 5, reply, NULL);
  plant_rpc_lane_break (lane);
  test_wait_until (is_asked (self, PLANT_RPC_KIND_LANE_END));
  g_assert_true (plant_rpc_lane_message_unpack_end (self->asked, &n_received));
  g_assert_cmpuint (n_received, ==, 1);
  send_message (self, 7);
  answer (self, plant_rpc_lane_message_pack_end (1));
  g_assert_cmpstr (self->told->str, ==, "received:5 returned:6 returned:7 ");
  g_assert_false (plant_rpc_lane_client_is_used (self->client));
}

/* What was given to a lane that has broken is known not to be sent, and that it has broken need not
 * be found out. */
static void
test_unsent (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (PlantRpcLane) lane = open_lane (self);
  g_autoptr (GBytes) reply = g_bytes_new_static ("reply", 5);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));

  answer (self, pack_kind (PLANT_RPC_KIND_DONE));
  send_message (self, 5);
  plant_rpc_lane_send (lane, 5, reply, NULL);
  plant_rpc_lane_break (lane);
  while (!is_asked (self, PLANT_RPC_KIND_LANE_END))
    plant_rpc_lane_client_process (self->client);
  g_assert_true (plant_rpc_lane_client_is_hung_up (self->client));
  send_message (self, 6);
  send_message (self, 7);
  plant_rpc_lane_client_list_unsent (self->client, ids);
  g_assert_cmpuint (ids->len, ==, 2);
  g_assert_cmpuint (g_array_index (ids, guint64, 0), ==, 6);
  g_assert_cmpuint (g_array_index (ids, guint64, 1), ==, 7);
}

static void
test_broken_before_begun (Fixture       *self,
                          gconstpointer  data)
{
  g_autoptr (PlantRpcLane) lane = open_lane (self);

  send_message (self, 5);
  plant_rpc_lane_break (lane);
  send_message (self, 6);
  answer (self, pack_kind (PLANT_RPC_KIND_DONE));
  test_wait_until (is_asked (self, PLANT_RPC_KIND_LANE_END));
  answer (self, plant_rpc_lane_message_pack_end (0));
  g_assert_cmpstr (self->told->str, ==, "returned:5 returned:6 ");
}

/* The server must say what it has received, or a call might run twice. */
static void
test_untold (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (PlantRpcLane) lane = open_lane (self);

  answer (self, pack_kind (PLANT_RPC_KIND_DONE));
  send_message (self, 5);
  plant_rpc_lane_break (lane);
  test_wait_until (is_asked (self, PLANT_RPC_KIND_LANE_END));
  answer (self, GPOINTER_TO_INT (data) == 0 ? pack_kind (PLANT_RPC_KIND_ERROR)
                                            : plant_rpc_lane_message_pack_end (2));
  g_assert_cmpstr (self->told->str, ==, "failed ");
}

static void
test_untold_number (Fixture       *self,
                    gconstpointer  data)
{
  test_untold (self, GINT_TO_POINTER (1));
}

static void
test_untold_error (Fixture       *self,
                   gconstpointer  data)
{
  test_untold (self, GINT_TO_POINTER (0));
}

/* A server that takes the connection and says nothing is not waited for. */
static void
test_silent (Fixture       *self,
             gconstpointer  data)
{
  int fd;

  offer (self);
  fd = accept_client (self);
  plant_rpc_timer_ring (self->timer, G_MAXINT64 - 1);
  test_wait_until (recv (fd, &(char) { 0 }, 1, MSG_DONTWAIT) == 0);
  close (fd);
  assert_unused (self);
}

#define add(name, prefix, func)                                                                  \
  g_test_add ("/lane-client/" name, Fixture, prefix, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("refused", "plantrpc", test_refused);
  add ("malformed", "plantrpc", test_malformed);
  add ("foreign-name", "plantrpx", test_foreign_name);
  add ("nobody-there", "plantrpc", test_nobody_there);
  add ("wrong-proof", "plantrpc", test_wrong_proof);
  add ("closed-at-once", "plantrpc", test_closed_at_once);
  add ("scarce", "plantrpc", test_scarce);
  add ("just-enough", "plantrpc", test_just_enough);
  add ("used", "plantrpc", test_used);
  add ("begin-refused", "plantrpc", test_begin_refused);
  add ("begin-unreadable", "plantrpc", test_begin_unreadable);
  add ("begin-refused-late", "plantrpc", test_begin_refused_late);
  add ("broken", "plantrpc", test_broken);
  add ("unsent", "plantrpc", test_unsent);
  add ("broken-before-begun", "plantrpc", test_broken_before_begun);
  add ("untold-number", "plantrpc", test_untold_number);
  add ("untold-error", "plantrpc", test_untold_error);
  add ("silent", "plantrpc", test_silent);

  return g_test_run ();
}
