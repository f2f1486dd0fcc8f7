/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "plant-rpc-lane-message-private.h"
#include "plant-rpc-lane-private.h"

/* bytes of a part */
#define MAX_SIZE 4096

/* Messages that this end has sent, which the other may acknowledge. */
#define N_SENT 3

static void
take_all (PlantRpcLane *lane)
{
  gsize n_held;

  for (;;)
    {
      g_auto (PlantRpcLaneMessage) message = { .id = 0 };

      if (!plant_rpc_lane_take (lane, &message))
        break;
      g_assert_nonnull (message.payload);
      g_assert_cmpuint (g_bytes_get_size (message.payload), <=, MAX_SIZE);
      if (message.buffer != NULL)
        g_assert_cmpuint (g_bytes_get_size (message.buffer), <=, MAX_SIZE);
    }
  n_held = plant_rpc_lane_get_held (lane);
  g_assert_cmpuint (n_held, <=, plant_rpc_lane_get_n_bytes (lane));
}

static void
count_returned (gpointer  owner,
                guint64   id,
                GBytes   *payload,
                GBytes   *buffer)
{
  (*(guint *) owner)++;
}

/* The stream comes in pieces of STEP bytes. */
static void
try_stream (const guint8 *data,
            gsize         size,
            gsize         step)
{
  g_autoptr (GBytes) sent = g_bytes_new_static ("sent", 4);
  PlantRpcLane *lane;
  guint n_returned = 0;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), ==, 0);
  lane = plant_rpc_lane_new (fds[0], MAX_SIZE);
  for (guint i = 0; i < N_SENT; i++)
    plant_rpc_lane_send (lane, i + 1, sent, NULL);
  for (gsize i = 0; i < size && !plant_rpc_lane_is_broken (lane); i += step)
    {
      if (send (fds[1], data + i, MIN (step, size - i), MSG_NOSIGNAL) > 0)
        take_all (lane);
    }
  close (fds[1]);
  take_all (lane);
  if (plant_rpc_lane_hand_back (lane, N_SENT, count_returned, &n_returned))
    g_assert_cmpuint (n_returned, ==, 0);
  plant_rpc_lane_free (lane);
}

static void
try_offer (const guint8 *data,
           gsize         size)
{
  g_autoptr (GBytes) payload = g_bytes_new_static (data, size);
  g_auto (PlantRpcLaneOffer) offer = { .name = NULL };
  g_autofree char *address = plant_rpc_lane_message_unpack_ask (payload);
  guint64 n_received;

  plant_rpc_lane_message_unpack_end (payload, &n_received);
  if (plant_rpc_lane_message_unpack_offer (&offer, payload) && offer.name != NULL)
    g_assert_true (g_utf8_validate (offer.name, -1, NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  if (size < 1)
    return 0;
  try_offer (data, size);
  try_stream (data + 1, size - 1, data[0] + 1);
  return 0;
}
