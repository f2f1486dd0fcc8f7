/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "plant-rpc-descriptors-private.h"
#include "plant-rpc-lane-frame-private.h"
#include "plant-rpc-lane-message-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-test-descriptors.h"
#include "plant-rpc-test-stand.h"

/* A server before a client that says byte by byte what it wants: about lanes over its ordinary
 * connection, and on sockets that it connects to the lanes. */

static const char url[] = "ipc://@door-of-plantrpc";
static guint64 last_id;

static GBytes *
wrap_id (guint64 id)
{
  id = GUINT64_TO_LE (id);
  return g_bytes_new (&id, sizeof id);
}

/* Returns the payload of the reply to PAYLOAD, which is consumed. */
static GBytes *
ask (TestStand *self,
     GBytes    *payload)
{
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) reply = NULL;
  g_autoptr (GBytes) id = wrap_id (++last_id);

  g_ptr_array_add (frames, g_bytes_ref (id));
  g_ptr_array_add (frames, g_bytes_new (NULL, 0));
  g_ptr_array_add (frames, payload);
  test_peer_send (self->peer, frames);
  reply = test_peer_receive (self->peer);
  g_assert_cmpuint (reply->len, ==, 3);
  g_assert_true (g_bytes_equal (reply->pdata[0], id));
  return g_bytes_ref (reply->pdata[2]);
}

static void
assert_refused (TestStand *self,
                GBytes    *payload)
{
  g_autoptr (GBytes) reply = ask (self, payload);

  g_assert_cmpuint (plant_rpc_message_get_kind (reply), ==, PLANT_RPC_KIND_ERROR);
}

static void
get_offer (TestStand         *self,
           PlantRpcLaneOffer *offer)
{
  g_autoptr (GBytes) reply = ask (self, plant_rpc_lane_message_pack_ask (""));

  g_assert_true (plant_rpc_lane_message_unpack_offer (offer, reply));
  g_assert_nonnull (offer->name);
  g_assert_cmpuint (offer->port, ==, 0);
}

/* ---- the lane */

static int
new_socket (void)
{
  return socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static void
connect_socket (int                      fd,
                const PlantRpcLaneOffer *offer)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  memcpy (address.sun_path + 1, offer->name, strlen (offer->name));
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address,
                            offsetof (struct sockaddr_un, sun_path) + 1 + strlen (offer->name)),
                   ==, 0);
}

static int
connect_to (const PlantRpcLaneOffer *offer)
{
  const int fd = new_socket ();

  connect_socket (fd, offer);
  return fd;
}

static gboolean
has_come (int    fd,
          void  *data,
          gsize  size)
{
  return recv (fd, data, size, MSG_PEEK) == (gssize) size && recv (fd, data, size, 0) > 0;
}

static gboolean
is_closed (int fd)
{
  guint8 byte;
  const gssize n = recv (fd, &byte, 1, 0);

  return n == 0 || (n < 0 && errno != EAGAIN);
}

static void
show (int          fd,
      const void  *data,
      gsize        size)
{
  g_assert_cmpint (send (fd, data, size, MSG_NOSIGNAL), ==, size);
}

static int
enter (const PlantRpcLaneOffer *offer)
{
  const int fd = connect_to (offer);
  guint8 proof[PLANT_RPC_LANE_SECRET_SIZE];

  show (fd, offer->token, sizeof offer->token);
  test_wait_until (has_come (fd, proof, sizeof proof));
  g_assert_cmpmem (proof, sizeof proof, offer->proof, sizeof offer->proof);
  return fd;
}

static int
begin (TestStand *self)
{
  g_auto (PlantRpcLaneOffer) offer = { .name = NULL };
  g_autoptr (GBytes) reply = NULL;
  int fd;

  get_offer (self, &offer);
  fd = enter (&offer);
  reply = ask (self, plant_rpc_lane_message_pack_begin ());
  g_assert_cmpuint (plant_rpc_message_get_kind (reply), ==, PLANT_RPC_KIND_DONE);
  return fd;
}

/* Asks for the property of NAME, whose characters are up to seven. */
static void
send_get (int         fd,
          guint64     id,
          const char *name)
{
  struct {
    PlantRpcLaneHeader header;
    guint8             payload[8];
  } message = { { id, 0, 0, 0, 0 }, { PLANT_RPC_KIND_PROPERTY_GET } };

  strcpy ((char *) message.payload + 1, name);
  message.header.payload_size = strlen (name) + 2;
  plant_rpc_lane_header_swap (&message.header);
  show (fd, &message, sizeof message);
}

static guint64
end (TestStand *self,
     guint64    n_received)
{
  g_autoptr (GBytes) reply = ask (self, plant_rpc_lane_message_pack_end (n_received));
  guint64 n;

  g_assert_true (plant_rpc_lane_message_unpack_end (reply, &n));
  return n;
}

/* ---- what is asked over the ordinary connection */

static void
test_refused (TestStand     *self,
              gconstpointer  data)
{
  static const guint8 rubbish[] = { PLANT_RPC_KIND_LANE_ASK, 'x' };
  g_autofree char *long_text = g_strnfill (1000, 'a');

  assert_refused (self, plant_rpc_lane_message_pack_begin ());
  assert_refused (self, plant_rpc_lane_message_pack_end (0));
  assert_refused (self, plant_rpc_lane_message_pack_end (G_MAXUINT64));
  assert_refused (self, g_bytes_new (rubbish, 1));
  assert_refused (self, g_bytes_new (rubbish, 2));
  assert_refused (self, plant_rpc_lane_message_pack_ask (long_text));
  /* Something stands between, which has connected from there. */
  assert_refused (self, plant_rpc_lane_message_pack_ask ("192.0.2.1:4000"));
}

static void
test_ended_without_begin (TestStand     *self,
                          gconstpointer  data)
{
  g_auto (PlantRpcLaneOffer) offer = { .name = NULL };
  int fd;

  get_offer (self, &offer);
  fd = enter (&offer);
  assert_refused (self, plant_rpc_lane_message_pack_end (0));
  close (fd);
}

/* One client has one lane. */
static void
test_asked_twice (TestStand     *self,
                  gconstpointer  data)
{
  const int fd = begin (self);

  assert_refused (self, plant_rpc_lane_message_pack_begin ());
  assert_refused (self, plant_rpc_lane_message_pack_ask (""));
  close (fd);
}

/* ---- who comes in */

static void
test_wrong_token (TestStand     *self,
                  gconstpointer  data)
{
  g_auto (PlantRpcLaneOffer) offer = { .name = NULL };
  guint8 wrong[PLANT_RPC_LANE_SECRET_SIZE];
  int fd;

  get_offer (self, &offer);
  memcpy (wrong, offer.token, sizeof wrong);
  wrong[15] ^= 1;
  fd = connect_to (&offer);
  show (fd, wrong, sizeof wrong);
  test_wait_until (is_closed (fd));
  close (fd);
  close (enter (&offer));
}

static void
test_token_twice (TestStand     *self,
                  gconstpointer  data)
{
  g_auto (PlantRpcLaneOffer) offer = { .name = NULL };
  int first, second;

  get_offer (self, &offer);
  first = enter (&offer);
  second = connect_to (&offer);
  show (second, offer.token, sizeof offer.token);
  test_wait_until (is_closed (second));
  close (first);
  close (second);
}

/* Only the latest offer holds. */
static void
test_former_token (TestStand     *self,
                   gconstpointer  data)
{
  g_auto (PlantRpcLaneOffer) former = { .name = NULL };
  g_auto (PlantRpcLaneOffer) offer = { .name = NULL };
  int fd;

  get_offer (self, &former);
  get_offer (self, &offer);
  fd = connect_to (&former);
  show (fd, former.token, sizeof former.token);
  test_wait_until (is_closed (fd));
  close (fd);
  close (enter (&offer));
}

/* Those who say nothing are sent away, the oldest first, and keep nobody out. */
static void
test_strangers (TestStand     *self,
                gconstpointer  data)
{
  g_auto (PlantRpcLaneOffer) offer = { .name = NULL };
  int fds[2 * PLANT_RPC_MAX_STRANGERS];

  get_offer (self, &offer);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = connect_to (&offer);
      while (g_main_context_iteration (NULL, FALSE))
        continue;
    }
  for (guint i = 0; i < PLANT_RPC_MAX_STRANGERS; i++)
    test_wait_until (is_closed (fds[i]));
  for (guint i = PLANT_RPC_MAX_STRANGERS; i < G_N_ELEMENTS (fds); i++)
    g_assert_false (is_closed (fds[i]));
  close (enter (&offer));
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

/* ---- what is sent over the lane */

static void
test_served (TestStand     *self,
             gconstpointer  data)
{
  const int fd = begin (self);
  PlantRpcLaneHeader header;

  send_get (fd, 77, "level");
  test_wait_until (has_come (fd, &header, sizeof header));
  plant_rpc_lane_header_swap (&header);
  g_assert_cmpuint (header.id, ==, 77);
  g_assert_cmpuint (header.acknowledged, ==, 1);
  g_assert_cmpuint (header.flags, ==, 0);
  g_assert_cmpuint (end (self, 1), ==, 1);
  test_wait_until (recv (fd, &header, sizeof header, 0) == 16);
  test_wait_until (is_closed (fd));
  close (fd);
}

/* The reply that has not arrived comes over the ordinary connection. */
static void
test_given_back (TestStand     *self,
                 gconstpointer  data)
{
  const int fd = begin (self);
  g_autoptr (GPtrArray) reply = NULL;
  g_autoptr (GBytes) id = wrap_id (77);
  PlantRpcLaneHeader header;

  send_get (fd, 77, "level");
  test_wait_until (has_come (fd, &header, sizeof header));
  close (fd);
  g_assert_cmpuint (end (self, 0), ==, 1);
  reply = test_peer_receive (self->peer);
  g_assert_cmpuint (reply->len, ==, 3);
  g_assert_true (g_bytes_equal (reply->pdata[0], id));
  assert_refused (self, plant_rpc_lane_message_pack_end (0));
}

/* Whoever breaks the protocol loses the lane, and may have another. */
static void
test_rubbish (TestStand     *self,
              gconstpointer  data)
{
  guint8 rubbish[64];
  const int fd = begin (self);

  memset (rubbish, 255, sizeof rubbish);
  show (fd, rubbish, sizeof rubbish);
  test_wait_until (is_closed (fd));
  g_assert_cmpuint (end (self, 0), ==, 0);
  close (fd);
  close (begin (self));
}

/* A client says what it cannot have received. */
static void
test_false_count (TestStand     *self,
                  gconstpointer  data)
{
  const int fd = begin (self);

  g_assert_cmpuint (end (self, 12), ==, 0);
  test_wait_until (is_closed (fd));
  close (fd);
}

/* ---- descriptors */

/* Lowers the limit until N descriptors are left beside the spare ones. */
static void
leave_descriptors (guint          n,
                   struct rlimit *former)
{
  struct rlimit lower;

  getrlimit (RLIMIT_NOFILE, former);
  lower = *former;
  lower.rlim_cur = test_find_limit (PLANT_RPC_SPARE_DESCRIPTORS + n);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &lower), ==, 0);
}

/* Nothing is offered that would take a spare descriptor. */
static void
test_scarce (TestStand     *self,
             gconstpointer  data)
{
  g_auto (PlantRpcLaneOffer) offer = { .name = NULL };
  struct rlimit former;

  /* The connection stands, which else would be the one too many. */
  assert_refused (self, plant_rpc_lane_message_pack_begin ());
  leave_descriptors (0, &former);
  assert_refused (self, plant_rpc_lane_message_pack_ask (""));
  setrlimit (RLIMIT_NOFILE, &former);
  get_offer (self, &offer);
}

/* A client that gets no lane costs nothing. */
static void
test_refused_costs (TestStand     *self,
                    gconstpointer  data)
{
  int fd;

  assert_refused (self, plant_rpc_lane_message_pack_begin ());
  fd = test_find_free_fd ();
  assert_refused (self, plant_rpc_lane_message_pack_ask ("192.0.2.1:1"));
  g_assert_cmpint (test_find_free_fd (), ==, fd);
}

/* Nor does one who comes take it. Those who have waited longest leave for one who has a token. */
static void
test_scarce_strangers (TestStand     *self,
                       gconstpointer  data)
{
  g_auto (PlantRpcLaneOffer) offer = { .name = NULL };
  struct rlimit former;
  int fds[6];

  get_offer (self, &offer);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = new_socket ();
  leave_descriptors (2, &former);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    connect_socket (fds[i], &offer);
  for (guint i = 0; i < G_N_ELEMENTS (fds) - 2; i++)
    test_wait_until (is_closed (fds[i]));
  g_assert_true (plant_rpc_descriptors_are_left (fds[0], 0));
  close (fds[0]);
  fds[0] = enter (&offer);
  g_assert_true (plant_rpc_descriptors_are_left (fds[0], 0));
  setrlimit (RLIMIT_NOFILE, &former);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

/* The lane ends with the ordinary connection. */
static void
test_left (TestStand     *self,
           gconstpointer  data)
{
  const int fd = begin (self);

  test_peer_free (self->peer);
  test_wait_until (is_closed (fd));
  close (fd);
  self->peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (self->server));
}

#define add(name, func)                                                                          \
  g_test_add ("/lane-door/" name, TestStand, url, test_stand_set_up, func, test_stand_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("refused", test_refused);
  add ("ended-without-begin", test_ended_without_begin);
  add ("refused/costs", test_refused_costs);
  add ("scarce", test_scarce);
  add ("scarce/strangers", test_scarce_strangers);
  add ("asked-twice", test_asked_twice);
  add ("wrong-token", test_wrong_token);
  add ("token-twice", test_token_twice);
  add ("former-token", test_former_token);
  add ("strangers", test_strangers);
  add ("served", test_served);
  add ("given-back", test_given_back);
  add ("rubbish", test_rubbish);
  add ("false-count", test_false_count);
  add ("left", test_left);

  return g_test_run ();
}
