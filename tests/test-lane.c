/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plant-rpc-lane-frame-private.h"
#include "plant-rpc-lane-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-test-descriptors.h"

#define MAX_SIZE (8 * 1024 * 1024) /* bytes of a part */

/* Two ends of a lane. A test may take the far one away and write to its descriptor itself. */
typedef struct {
  PlantRpcLane *near;
  PlantRpcLane *far;
  int           fd;      /* of the far end */
  int           free_fd; /* before there was any */
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  int fds[2];

  self->free_fd = test_find_free_fd ();
  g_assert_cmpint (
      socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), ==, 0);
  self->near = plant_rpc_lane_new (fds[0], MAX_SIZE);
  self->far = plant_rpc_lane_new (fds[1], MAX_SIZE);
  self->fd = fds[1];
}

/* No descriptor is left open, whatever has come. */
static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_lane_free (self->near);
  plant_rpc_lane_free (self->far);
  g_assert_cmpint (test_find_free_fd (), ==, self->free_fd);
}

/* Bytes of which each tells its place, from FIRST on. */
static GBytes *
new_bytes (gsize  size,
           guint8 first)
{
  guint8 *data = g_malloc (size + 1);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (first + i * 7);
  return g_bytes_new_take (data, size);
}

static void
send_bytes (PlantRpcLane *lane,
            guint64       id,
            gsize         size)
{
  g_autoptr (GBytes) payload = new_bytes (size, (guint8) id);

  plant_rpc_lane_send (lane, id, payload, NULL);
}

/* The next message is the one of send_bytes(). SENDER still has to write the rest of it. */
static void
expect (PlantRpcLane *sender,
        PlantRpcLane *receiver,
        guint64       id,
        gsize         size)
{
  g_autoptr (GBytes) sent = new_bytes (size, (guint8) id);
  g_auto (PlantRpcLaneMessage) message = { .id = 0 };

  while (!plant_rpc_lane_take (receiver, &message))
    {
      g_assert_false (plant_rpc_lane_is_broken (receiver));
      plant_rpc_lane_flush (sender);
    }
  g_assert_cmpuint (message.id, ==, id);
  g_assert_true (g_bytes_equal (message.payload, sent));
  g_assert_null (message.buffer);
}

static void
expect_nothing (PlantRpcLane *lane)
{
  PlantRpcLaneMessage message;

  g_assert_false (plant_rpc_lane_take (lane, &message));
  g_assert_null (message.payload);
}

/* ---- messages */

static const gsize sizes[] = { 0, 1, 7, 8, 9, 500, 32 * 1024 - 48, 32 * 1024 - 24, 32 * 1024,
                               64 * 1024 - 1, 64 * 1024, 300 * 1000, 1024 * 1024 + 3, MAX_SIZE };

static void
test_sizes (Fixture       *self,
            gconstpointer  data)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      send_bytes (self->near, i + 1, sizes[i]);
      expect (self->near, self->far, i + 1, sizes[i]);
      send_bytes (self->far, i + 1, sizes[i]);
      expect (self->far, self->near, i + 1, sizes[i]);
    }
  expect_nothing (self->far);
  expect_nothing (self->near);
}

/* All are under way at once. */
static void
test_many (Fixture       *self,
           gconstpointer  data)
{
  for (guint i = 0; i < 400; i++)
    send_bytes (self->near, i + 1, sizes[i % 12]);
  for (guint i = 0; i < 400; i++)
    expect (self->near, self->far, i + 1, sizes[i % 12]);
  g_assert_cmpuint (plant_rpc_lane_get_n_received (self->far), ==, 400);
}

static void
test_buffers (Fixture       *self,
              gconstpointer  data)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      for (guint j = 0; j < G_N_ELEMENTS (sizes); j++)
        {
          g_autoptr (GBytes) payload = new_bytes (sizes[i], 1);
          g_autoptr (GBytes) buffer = new_bytes (sizes[j], 2);
          g_auto (PlantRpcLaneMessage) message = { .id = 0 };

          plant_rpc_lane_send (self->near, 5, payload, buffer);
          while (!plant_rpc_lane_take (self->far, &message))
            plant_rpc_lane_flush (self->near);
          g_assert_true (g_bytes_equal (message.payload, payload));
          g_assert_true (g_bytes_equal (message.buffer, buffer));
        }
    }
}

/* GVariant copies what is not aligned. */
static void
test_alignment (Fixture       *self,
                gconstpointer  data)
{
  send_bytes (self->near, 1, 3);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto (PlantRpcLaneMessage) message = { .id = 0 };

      send_bytes (self->near, 2, sizes[i]);
      while (!plant_rpc_lane_take (self->far, &message))
        plant_rpc_lane_flush (self->near);
      g_assert_cmpuint ((guintptr) g_bytes_get_data (message.payload, NULL) % 8, ==, 0);
    }
}

/* ---- the end */

typedef struct {
  GArray *ids; /* (element-type guint64) */
} Returned;

static void
note_returned (gpointer  owner,
               guint64   id,
               GBytes   *payload,
               GBytes   *buffer)
{
  g_array_append_val (((Returned *) owner)->ids, id);
}

/* Asserts that LANE gives back the messages from FIRST to LAST. */
static void
check_returned (PlantRpcLane *lane,
                guint64       n_received,
                guint64       first,
                guint64       last)
{
  Returned returned = { g_array_new (FALSE, FALSE, sizeof (guint64)) };

  g_assert_true (plant_rpc_lane_hand_back (lane, n_received, note_returned, &returned));
  g_assert_cmpuint (returned.ids->len, ==, last + 1 - first);
  for (guint i = 0; i < returned.ids->len; i++)
    g_assert_cmpuint (g_array_index (returned.ids, guint64, i), ==, first + i);
  g_array_unref (returned.ids);
}

static void
test_returned (Fixture       *self,
               gconstpointer  data)
{
  for (guint i = 1; i <= 20; i++)
    send_bytes (self->near, i, 100);
  for (guint i = 1; i <= 12; i++)
    expect (self->near, self->far, i, 100);
  plant_rpc_lane_break (self->far);
  expect_nothing (self->near);
  g_assert_true (plant_rpc_lane_is_broken (self->near));
  /* A broken lane keeps what it is given. */
  send_bytes (self->near, 21, 100);
  check_returned (self->near, plant_rpc_lane_get_n_received (self->far), 13, 21);
}

/* What the other end has acknowledged is not kept. */
static void
test_acknowledged (Fixture       *self,
                   gconstpointer  data)
{
  for (guint i = 1; i <= 5; i++)
    {
      send_bytes (self->near, i, 100);
      expect (self->near, self->far, i, 100);
    }
  send_bytes (self->far, 1, 100);
  expect (self->far, self->near, 1, 100);
  g_assert_false (plant_rpc_lane_hand_back (self->near, 4, note_returned, NULL));
  check_returned (self->near, 5, 6, 5);
}

/* An end that only receives acknowledges as well. */
static void
test_acknowledged_alone (Fixture       *self,
                         gconstpointer  data)
{
  for (guint i = 1; i <= 100000; i++)
    {
      send_bytes (self->near, i, 10);
      expect (self->near, self->far, i, 10);
      if (i % 64 == 0)
        expect_nothing (self->near);
    }
  g_assert_true (plant_rpc_lane_has_room (self->near));
  g_assert_false (plant_rpc_lane_hand_back (self->near, 99900, note_returned, NULL));
}

/* An end that reads and never acknowledges is not sent more without limit. */
static void
test_unacknowledged (Fixture       *self,
                     gconstpointer  data)
{
  guint8 thrown[4096];
  guint n = 0;

  while (plant_rpc_lane_has_room (self->near) && n < 1000000)
    {
      send_bytes (self->near, ++n, 100);
      while (read (self->fd, thrown, sizeof thrown) > 0)
        continue;
      plant_rpc_lane_flush (self->near);
    }
  g_assert_cmpuint (n, ==, PLANT_RPC_MAX_HELD);
}

/* What had come before the other end closed is handed out. */
static void
test_closed (Fixture       *self,
             gconstpointer  data)
{
  for (guint i = 1; i <= 10; i++)
    send_bytes (self->near, i, sizes[i]);
  plant_rpc_lane_break (self->near);
  g_assert_true (plant_rpc_lane_is_hung_up (self->far));
  for (guint i = 1; i <= 6; i++)
    expect (self->near, self->far, i, sizes[i]);
}

/* ---- what is no message */

static void
write_raw (Fixture       *self,
           gconstpointer  data,
           gsize          size)
{
  g_assert_cmpint (write (self->fd, data, size), ==, size);
}

static void
write_header (Fixture *self,
              guint32  payload_size,
              guint32  buffer_size,
              guint32  acknowledged,
              guint32  flags)
{
  PlantRpcLaneHeader header = { 1, payload_size, buffer_size, acknowledged, flags };

  plant_rpc_lane_header_swap (&header);
  write_raw (self, &header, sizeof header);
}

static void
expect_broken (Fixture *self)
{
  expect_nothing (self->near);
  g_assert_true (plant_rpc_lane_is_broken (self->near));
}

static void
test_too_large (Fixture       *self,
                gconstpointer  data)
{
  write_header (self, MAX_SIZE + 1, 0, 0, 0);
  expect_broken (self);
}

static void
test_too_large_buffer (Fixture       *self,
                       gconstpointer  data)
{
  write_header (self, 0, G_MAXUINT32, 0, PLANT_RPC_LANE_HAS_BUFFER);
  expect_broken (self);
}

static void
test_hidden_buffer (Fixture       *self,
                    gconstpointer  data)
{
  write_header (self, 0, 8, 0, 0);
  expect_broken (self);
}

static void
test_flags (Fixture       *self,
            gconstpointer  data)
{
  write_header (self, 0, 0, 0, 1 << 2);
  expect_broken (self);
}

static void
test_no_message_with_payload (Fixture       *self,
                              gconstpointer  data)
{
  write_header (self, 8, 0, 0, PLANT_RPC_LANE_NO_MESSAGE);
  expect_broken (self);
}

static void
test_acknowledges_too_much (Fixture       *self,
                            gconstpointer  data)
{
  send_bytes (self->near, 1, 10);
  write_header (self, 0, 0, 2, PLANT_RPC_LANE_NO_MESSAGE);
  expect_broken (self);
}

/* What is announced takes no memory before it comes. */
static void
test_announced (Fixture       *self,
                gconstpointer  data)
{
  write_header (self, MAX_SIZE, 0, 0, 0);
  write_raw (self, "some", 4);
  expect_nothing (self->near);
  g_assert_false (plant_rpc_lane_is_broken (self->near));
  g_assert_cmpuint (plant_rpc_lane_get_held (self->near), ==, 4);
}

/* Byte by byte. */
static void
test_slowly (Fixture       *self,
             gconstpointer  data)
{
  PlantRpcLaneHeader header = { 77, 5, 0, 0, 0 };
  guint8 bytes[PLANT_RPC_LANE_HEADER_SIZE + 8] = { 0 };
  g_auto (PlantRpcLaneMessage) message = { .id = 0 };

  plant_rpc_lane_header_swap (&header);
  memcpy (bytes, &header, sizeof header);
  memcpy (bytes + sizeof header, "hello", 5);
  for (guint i = 0; i + 1 < sizeof bytes; i++)
    {
      write_raw (self, bytes + i, 1);
      expect_nothing (self->near);
    }
  write_raw (self, bytes + sizeof bytes - 1, 1);
  g_assert_true (plant_rpc_lane_take (self->near, &message));
  g_assert_cmpuint (message.id, ==, 77);
  g_assert_cmpmem (g_bytes_get_data (message.payload, NULL), 5, "hello", 5);
}

#define add(name, func) g_test_add ("/lane/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("sizes", test_sizes);
  add ("many", test_many);
  add ("buffers", test_buffers);
  add ("alignment", test_alignment);
  add ("returned", test_returned);
  add ("acknowledged", test_acknowledged);
  add ("acknowledged-alone", test_acknowledged_alone);
  add ("unacknowledged", test_unacknowledged);
  add ("closed", test_closed);
  add ("too-large", test_too_large);
  add ("too-large-buffer", test_too_large_buffer);
  add ("hidden-buffer", test_hidden_buffer);
  add ("flags", test_flags);
  add ("no-message-with-payload", test_no_message_with_payload);
  add ("acknowledges-too-much", test_acknowledges_too_much);
  add ("announced", test_announced);
  add ("slowly", test_slowly);

  return g_test_run ();
}
