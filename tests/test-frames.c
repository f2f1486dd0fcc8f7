/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "plant-rpc-frames-private.h"

static void
add_frame (PlantRpcFrames *self,
           const char     *text,
           gsize           size)
{
  zmq_msg_t *frame = &self->frames[self->n_frames++];

  g_assert_cmpint (zmq_msg_init_size (frame, size), ==, 0);
  if (size > 0)
    memcpy (zmq_msg_data (frame), text, size);
}

/* Adds frames of text, up to a NULL. */
static void
add_texts (PlantRpcFrames *self,
           ...)
{
  va_list args;
  const char *text;

  va_start (args, self);
  while ((text = va_arg (args, const char *)) != NULL)
    add_frame (self, text, strlen (text));
  va_end (args);
}

static void
assert_envelope (const PlantRpcEnvelope *self,
                 guint                   index,
                 const char             *text)
{
  gsize size;
  const guint8 *data = plant_rpc_envelope_peek (self, index, &size);

  g_assert_nonnull (data);
  g_assert_cmpmem (data, size, text, strlen (text));
}

static void
test_split (void)
{
  g_auto (PlantRpcFrames) frames = { 0 };
  PlantRpcEnvelope envelope;
  guint payload = 0;
  gsize size;

  add_texts (&frames, "routing", "id", "", "payload", "", "buffer", NULL);
  g_assert_true (plant_rpc_frames_split (&frames, &envelope, &payload));
  g_assert_cmpuint (payload, ==, 3);
  g_assert_cmpuint (envelope.n_frames, ==, 3);
  assert_envelope (&envelope, 0, "routing");
  assert_envelope (&envelope, 1, "id");
  assert_envelope (&envelope, 2, "");
  g_assert_null (plant_rpc_envelope_peek (&envelope, 3, &size));
}

static void
test_not_split (void)
{
  g_autofree char *longest = g_strnfill (G_MAXUINT8, 'x');
  g_autofree char *longer = g_strnfill (G_MAXUINT8 + 1, 'x');
  g_auto (PlantRpcFrames) unending = { 0 }, crowded = { 0 }, fits = { 0 }, wide = { 0 },
                          large = { 0 };
  PlantRpcEnvelope envelope;
  guint payload;

  add_texts (&unending, "routing", "id", NULL);
  g_assert_false (plant_rpc_frames_split (&unending, &envelope, &payload));
  for (guint i = 0; i < PLANT_RPC_MAX_ENVELOPE; i++)
    add_texts (&crowded, "x", NULL);
  add_texts (&crowded, "", NULL);
  g_assert_false (plant_rpc_frames_split (&crowded, &envelope, &payload));
  add_texts (&fits, longest, longest, "", NULL);
  g_assert_true (plant_rpc_frames_split (&fits, &envelope, &payload));
  add_texts (&wide, longer, "", NULL);
  g_assert_false (plant_rpc_frames_split (&wide, &envelope, &payload));
  add_texts (&large, longest, longest, longest, "", NULL);
  g_assert_false (plant_rpc_frames_split (&large, &envelope, &payload));
}

/* A small frame is copied, and a large one keeps its memory. */
static void
test_steal (void)
{
  const gsize sizes[] = { 0, 1, PLANT_RPC_COPIED_SIZE, PLANT_RPC_COPIED_SIZE + 1 };
  g_autofree char *text = g_strnfill (PLANT_RPC_COPIED_SIZE + 1, 'x');
  g_auto (PlantRpcFrames) frames = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      gconstpointer memory;
      g_autoptr (GBytes) stolen = NULL;

      add_frame (&frames, text, sizes[i]);
      memory = zmq_msg_data (&frames.frames[i]);
      stolen = plant_rpc_frames_steal (&frames, i);
      g_assert_cmpuint (g_bytes_get_size (stolen), ==, sizes[i]);
      g_assert_cmpint (g_bytes_get_data (stolen, NULL) == memory, ==,
                       sizes[i] > PLANT_RPC_COPIED_SIZE);
      g_assert_cmpint (zmq_msg_size (&frames.frames[i]) > 0, ==,
                       sizes[i] > 0 && sizes[i] <= PLANT_RPC_COPIED_SIZE);
    }
}

/* The key of a peer is its routing id on one connection. */
static void
test_peer (void)
{
  PlantRpcEnvelope a, b;
  g_autoptr (GBytes) first = NULL, same = NULL, later = NULL;

  plant_rpc_envelope_init (&a);
  g_assert_true (plant_rpc_envelope_append (&a, "peer", 4));
  g_assert_true (plant_rpc_envelope_append (&a, "1", 1));
  plant_rpc_envelope_init (&b);
  g_assert_true (plant_rpc_envelope_append (&b, "peer", 4));
  first = plant_rpc_envelope_dup_peer (&a);
  same = plant_rpc_envelope_dup_peer (&b);
  b.connection = 1;
  later = plant_rpc_envelope_dup_peer (&b);
  g_assert_true (g_bytes_equal (first, same));
  g_assert_false (g_bytes_equal (first, later));
}

static void
test_normalize_address (void)
{
  static const char *const cases[][2] = {
    { "192.0.2.1", "192.0.2.1" },        { "::ffff:192.0.2.1", "192.0.2.1" },
    { "::FFFF:192.0.2.1", "192.0.2.1" }, { "::ffff:c000:201", "::ffff:c000:201" },
    { "2001:db8::1", "2001:db8::1" },    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *address = plant_rpc_normalize_address (cases[i][0]);

      g_assert_cmpstr (address, ==, cases[i][1]);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frames/split", test_split);
  g_test_add_func ("/frames/not-split", test_not_split);
  g_test_add_func ("/frames/steal", test_steal);
  g_test_add_func ("/frames/peer", test_peer);
  g_test_add_func ("/frames/normalize-address", test_normalize_address);
  return g_test_run ();
}
