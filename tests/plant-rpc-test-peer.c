/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "plant-rpc-json-private.h"
#include "plant-rpc-keypair-private.h"
#include "plant-rpc-test-peer.h"

struct _TestPeer {
  void    *context; /* (owned) */
  void    *socket;  /* (owned) */
  guint64  next_id;
};

TestPeer *
test_peer_new (int         type,
               const char *url)
{
  TestPeer *self = g_new0 (TestPeer, 1);
  int zero = 0, one = 1;

  self->context = zmq_ctx_new ();
  self->socket = zmq_socket (self->context, type);
  self->next_id = 1;
  g_assert_nonnull (self->socket);
  zmq_setsockopt (self->socket, ZMQ_LINGER, &zero, sizeof zero);
  zmq_setsockopt (self->socket, ZMQ_IPV6, &one, sizeof one);
  if (type == ZMQ_SUB)
    zmq_setsockopt (self->socket, ZMQ_SUBSCRIBE, "", 0);
  if (url != NULL)
    g_assert_cmpint (zmq_connect (self->socket, url), ==, 0);
  return self;
}

TestPeer *
test_peer_new_secured (guint16          port,
                       PlantRpcKeypair *server,
                       PlantRpcKeypair *own)
{
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u", port);
  const PlantRpcKeyText *keys = plant_rpc_keypair_get_keys (own);
  TestPeer *self = test_peer_new (ZMQ_DEALER, NULL);
  void *socket = test_peer_get_socket (self);

  zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, PLANT_RPC_KEY_LENGTH + 1);
  zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, PLANT_RPC_KEY_LENGTH + 1);
  zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, plant_rpc_keypair_get_keys (server)->public_key,
                  PLANT_RPC_KEY_LENGTH + 1);
  g_assert_cmpint (zmq_connect (socket, url), ==, 0);
  return self;
}

void
test_peer_free (TestPeer *self)
{
  zmq_close (self->socket);
  zmq_ctx_term (self->context);
  g_free (self);
}

void *
test_peer_get_socket (TestPeer *self)
{
  return self->socket;
}

void *
test_peer_watch (TestPeer *self,
                 int       events)
{
  static guint n_watched = 0;
  g_autofree char *url = g_strdup_printf ("inproc://watched-%u", n_watched++);
  void *monitor = zmq_socket (self->context, ZMQ_PAIR);

  g_assert_cmpint (zmq_socket_monitor (self->socket, url, events), ==, 0);
  g_assert_cmpint (zmq_connect (monitor, url), ==, 0);
  return monitor;
}

gboolean
test_peer_has_event (void *events)
{
  char event[6], address[256];

  return zmq_recv (events, event, sizeof event, ZMQ_DONTWAIT) >= 0 &&
         zmq_recv (events, address, sizeof address, ZMQ_DONTWAIT) >= 0;
}

guint16
test_peer_bind (TestPeer *self)
{
  char url[256];
  gsize length = sizeof url;

  g_assert_cmpint (zmq_bind (self->socket, "tcp://127.0.0.1:*"), ==, 0);
  g_assert_cmpint (zmq_getsockopt (self->socket, ZMQ_LAST_ENDPOINT, url, &length), ==, 0);
  return g_ascii_strtoull (strrchr (url, ':') + 1, NULL, 10);
}

void
test_iterate (void)
{
  if (!g_main_context_iteration (NULL, FALSE))
    g_poll (NULL, 0, 1);
}

void
test_peer_send (TestPeer  *self,
                GPtrArray *frames)
{
  for (guint i = 0; i < frames->len; i++)
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (g_ptr_array_index (frames, i), &size);
      int flags = i + 1 < frames->len ? ZMQ_SNDMORE : 0;

      test_wait_until (zmq_send (self->socket, data, size, flags | ZMQ_DONTWAIT) >= 0);
    }
}

static GPtrArray *
new_frames (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

void
test_peer_send_text (TestPeer *self,
                     ...)
{
  g_autoptr (GPtrArray) frames = new_frames ();
  const char *text;
  va_list args;

  va_start (args, self);
  while ((text = va_arg (args, const char *)) != NULL)
    g_ptr_array_add (frames, g_bytes_new (text, strlen (text)));
  va_end (args);
  test_peer_send (self, frames);
}

GPtrArray *
test_peer_try_receive (TestPeer *self)
{
  g_autoptr (GPtrArray) frames = new_frames ();
  int more = 1;

  while (more)
    {
      zmq_msg_t frame;

      zmq_msg_init (&frame);
      if (zmq_msg_recv (&frame, self->socket, ZMQ_DONTWAIT) < 0)
        {
          g_assert_cmpint (zmq_errno (), ==, EAGAIN);
          g_assert_cmpuint (frames->len, ==, 0);
          return NULL;
        }
      g_ptr_array_add (frames, g_bytes_new (zmq_msg_data (&frame), zmq_msg_size (&frame)));
      more = zmq_msg_more (&frame);
      zmq_msg_close (&frame);
    }
  return g_steal_pointer (&frames);
}

GPtrArray *
test_peer_receive (TestPeer *self)
{
  GPtrArray *frames = NULL;

  test_wait_until ((frames = test_peer_try_receive (self)) != NULL);
  return frames;
}

char *
test_frame_dup_text (GPtrArray *frames,
                     guint      index)
{
  gsize size;
  const char *data;

  g_assert_cmpuint (index, <, frames->len);
  data = g_bytes_get_data (g_ptr_array_index (frames, index), &size);
  return g_strndup (data, size);
}

GVariant *
test_frame_parse (GPtrArray *frames,
                  guint      index)
{
  g_autofree char *text = test_frame_dup_text (frames, index);
  g_autoptr (GError) error = NULL;
  GVariant *value = plant_rpc_json_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return value;
}

GVariant *
test_peer_ask_json (TestPeer   *self,
                    const char *json)
{
  g_autoptr (GPtrArray) frames = NULL;

  test_peer_send_text (self, "", json, NULL);
  frames = test_peer_receive (self);
  g_assert_cmpuint (frames->len, ==, 2);
  return test_frame_parse (frames, 1);
}

void
test_peer_send_native (TestPeer        *self,
                       guint64          id,
                       PlantRpcRequest *request)
{
  g_autoptr (GPtrArray) frames = new_frames ();
  g_autoptr (GError) error = NULL;
  guint64 wire_id = GUINT64_TO_LE (id);

  request->format = PLANT_RPC_FORMAT_NATIVE;
  g_ptr_array_add (frames, g_bytes_new (&wire_id, sizeof wire_id));
  g_ptr_array_add (frames, g_bytes_new (NULL, 0));
  g_ptr_array_add (frames, plant_rpc_request_pack (request, &error));
  g_assert_no_error (error);
  test_peer_send (self, frames);
  plant_rpc_request_clear (request);
}

void
test_peer_take_reply (GPtrArray     *frames,
                      guint64        id,
                      PlantRpcEvent  event,
                      PlantRpcReply *reply)
{
  GBytes *buffer = frames->len > 3 ? g_ptr_array_index (frames, 3) : NULL;
  g_autoptr (GError) error = NULL;
  guint64 wire_id;

  g_assert_cmpuint (frames->len, >=, 3);
  g_assert_cmpuint (frames->len, <=, 4);
  g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (frames, 0)), ==, sizeof wire_id);
  memcpy (&wire_id, g_bytes_get_data (g_ptr_array_index (frames, 0), NULL), sizeof wire_id);
  g_assert_cmpuint (GUINT64_FROM_LE (wire_id), ==, id);
  g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (frames, 1)), ==, 0);
  plant_rpc_reply_unpack (reply, event, buffer != NULL, g_ptr_array_index (frames, 2), buffer,
                          &error);
  g_assert_no_error (error);
}

void
test_peer_ask_native (TestPeer        *self,
                      PlantRpcRequest *request,
                      PlantRpcReply   *reply)
{
  PlantRpcEvent event = request->event;
  guint64 id = self->next_id++;
  g_autoptr (GPtrArray) frames = NULL;

  test_peer_send_native (self, id, request);
  frames = test_peer_receive (self);
  test_peer_take_reply (frames, id, event, reply);
}

gboolean
test_peer_take_push (GPtrArray        *frames,
                     guint64          *sequence,
                     PlantRpcEmission *emission)
{
  g_autoptr (GError) error = NULL;
  guint64 number;

  if (g_bytes_get_size (g_ptr_array_index (frames, 0)) != sizeof number)
    return FALSE;
  memcpy (&number, g_bytes_get_data (g_ptr_array_index (frames, 0), NULL), sizeof number);
  number = GUINT64_FROM_LE (number);
  if ((number & PLANT_RPC_PUSH_BIT) == 0)
    return FALSE;
  g_assert_cmpuint (frames->len, ==, 2);
  plant_rpc_emission_unpack (emission, g_ptr_array_index (frames, 1), &error);
  g_assert_no_error (error);
  *sequence = number & ~PLANT_RPC_PUSH_BIT;
  return TRUE;
}

guint64
test_peer_receive_push (TestPeer         *self,
                        PlantRpcEmission *emission)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (self);
  guint64 sequence = 0;

  g_assert_true (test_peer_take_push (frames, &sequence, emission));
  return sequence;
}

void
test_assert_error (GVariant   *reply,
                   const char *name,
                   const char *text)
{
  gboolean success = TRUE;
  const char *got_name = NULL, *got_text = NULL, *traceback = NULL;

  g_assert_true (g_variant_lookup (reply, "success", "b", &success));
  g_assert_false (success);
  g_assert_true (g_variant_lookup (reply, "error", "&s", &got_text));
  g_assert_true (g_variant_lookup (reply, "traceback", "&s", &traceback));
  if (name != NULL)
    {
      g_assert_true (g_variant_lookup (reply, "name", "&s", &got_name));
      g_assert_cmpstr (got_name, ==, name);
    }
  if (text != NULL)
    g_assert_cmpstr (got_text, ==, text);
}

void
test_peer_assert_reply (TestPeer   *self,
                        const char *request,
                        const char *expected)
{
  g_autoptr (GVariant) reply = test_peer_ask_json (self, request);
  g_autoptr (GVariant) wanted = g_variant_ref_sink (g_variant_new_parsed (expected));
  g_autofree char *text = g_variant_print (reply, TRUE);

  if (!g_variant_equal (reply, wanted))
    g_error ("%s got %s instead of %s", request, text, expected);
}

void
test_peer_assert_refused (TestPeer   *self,
                          const char *request,
                          const char *name)
{
  g_autoptr (GVariant) reply = test_peer_ask_json (self, request);

  test_assert_error (reply, name, NULL);
}
