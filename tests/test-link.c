/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "plant-rpc-channel-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-test-link.h"
#include "plant-rpc-test-zmtp.h"

static void
test_replies (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (TestRequest) a = NULL, b = NULL, c = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new ("12345", 5);

  g_assert_cmpuint (self->n_opened, ==, 1);
  g_assert_cmpstr (plant_rpc_link_get_own_address (self->link), ==, "127.0.0.1");
  g_assert_cmpstr (plant_rpc_link_get_peer_address (self->link), ==, "127.0.0.1");
  test_link_send (self, "a");
  test_link_send (self, "b");
  test_link_send (self, "c");
  a = test_device_expect_get (device, "a");
  b = test_device_expect_get (device, "b");
  c = test_device_expect_get (device, "c");
  test_device_reply_text (device, c, "3");
  test_device_reply (device, a, bytes, bytes);
  test_device_reply_text (device, b, "");
  test_wait_until (test_link_is_told (self, "c:3 a:12345 +5 b: "));
  g_assert_cmpuint (self->n_heard, ==, 3);
  g_assert_cmpuint (plant_rpc_link_get_n_late (self->link), ==, 0);
}

static void
ignore_reply (GBytes       *payload,
              GBytes       *buffer,
              const GError *error,
              gpointer      user_data)
{
  g_assert_not_reached ();
}

static void
test_late_and_twice (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (TestRequest) a = NULL, b = NULL;
  g_autoptr (GBytes) payload = g_bytes_new_static ("{\"event\": \"STOP_SERVER\"}", 24);
  guint64 id = plant_rpc_link_send (self->link, payload, ignore_reply, NULL);

  a = test_device_expect (device, PLANT_RPC_EVENT_STOP_SERVER);
  plant_rpc_link_forget (self->link, id);
  test_device_reply_text (device, a, "late");
  test_wait_until (plant_rpc_link_get_n_late (self->link) == 1);
  g_assert_cmpuint (self->n_heard, ==, 1);
  test_link_send (self, "b");
  b = test_device_expect_get (device, "b");
  test_device_reply_text (device, b, "1");
  test_device_reply_text (device, b, "2");
  test_wait_until (plant_rpc_link_get_n_late (self->link) == 2);
  g_assert_cmpstr (self->told->str, ==, "b:1 ");
  g_assert_cmpuint (plant_rpc_link_get_n_malformed (self->link), ==, 0);
}

static void
send_frames (TestDevice *device,
             guint       n_frames,
             ...)
{
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  va_list args;

  va_start (args, n_frames);
  for (guint i = 0; i < n_frames; i++)
    {
      const char *text = va_arg (args, const char *);

      /* Texts of digits stand for ids. */
      if (g_ascii_isdigit (*text))
        {
          guint64 id = GUINT64_TO_LE (g_ascii_strtoull (text, NULL, 10));

          g_ptr_array_add (frames, g_bytes_new (&id, sizeof id));
        }
      else
        {
          g_ptr_array_add (frames, g_bytes_new (text, strlen (text)));
        }
    }
  va_end (args);
  test_device_send (device, frames);
}

/* It is counted, and harms nobody. */
static void
test_rubbish (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (TestRequest) a = NULL;
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (10 * 1024 * 1024), 10 * 1024 * 1024);

  test_link_send (self, "a");
  a = test_device_expect_get (device, "a");
  send_frames (device, 1, "x");
  send_frames (device, 3, "x", "", "{}");
  send_frames (device, 3, "long identity", "", "{}");
  send_frames (device, 2, "1", "");
  send_frames (device, 3, "1", "no delimiter", "{}");
  send_frames (device, 3, "0", "", "{}");
  send_frames (device, 3, "77", "", "{}");
  send_frames (device, 3, "9223372036854775807", "", "{}");
  send_frames (device, 1, "1");
  /* A push without a payload. */
  send_frames (device, 1, "9223372036854775809");
  test_wait_until (plant_rpc_link_get_n_malformed (self->link) == 10);
  g_assert_cmpuint (plant_rpc_link_get_n_late (self->link), ==, 0);
  g_assert_cmpuint (self->n_heard, ==, 0);
  g_assert_cmpuint (self->n_lost, ==, 0);
  test_device_push_bytes (device, 5, a->id);
  test_device_reply (device, a, large, NULL);
  test_wait_until (strstr (self->told->str, "a:") != NULL);
}

static void
test_extra_frames (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (GPtrArray) many = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (TestRequest) a = NULL, b = NULL;
  guint64 id = GUINT64_TO_LE (2);

  test_link_send (self, "a");
  test_link_send (self, "b");
  a = test_device_expect_get (device, "a");
  b = test_device_expect_get (device, "b");
  send_frames (device, 6, "1", "", "one", "buffer", "more", "yet more");
  g_ptr_array_add (many, g_bytes_new (&id, sizeof id));
  g_ptr_array_add (many, g_bytes_new (NULL, 0));
  for (guint i = 0; i < 100; i++)
    g_ptr_array_add (many, g_bytes_new ("two", 3));
  test_device_send (device, many);
  test_wait_until (test_link_is_told (self, "a:one +6 b:two +3 "));
}

static void
test_pushes (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (TestRequest) a = NULL;
  g_autoptr (GBytes) payload = g_bytes_new ("p", 1);

  test_link_send (self, "a");
  a = test_device_expect_get (device, "a");
  test_device_push_bytes (device, 1, payload);
  test_device_push_bytes (device, 2, payload);
  test_device_reply_text (device, a, "r");
  test_device_push_bytes (device, 3, payload);
  test_wait_until (test_link_is_told (self, "push:1:p push:2:p a:r push:3:p "));
  g_assert_cmpuint (self->n_heard, ==, 1);
}

/* A connection is checked, and more often while a reply is awaited, even if everything that was
 * sent has been acknowledged. */
static void
test_watched (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (TestRequest) a = NULL, b = NULL;

  test_link_send (self, "a");
  g_assert_cmpint (test_link_measure_wait (self), <=, G_USEC_PER_SEC);
  test_link_send (self, "b");
  a = test_device_expect_get (device, "a");
  b = test_device_expect_get (device, "b");
  /* This acknowledges both requests. */
  test_device_reply_text (device, b, "1");
  test_wait_until (g_str_equal (self->told->str, "b:1 "));
  for (guint i = 0; i < 3; i++)
    {
      plant_rpc_timer_ring (self->timer, plant_rpc_timer_get_deadline (self->timer));
      g_assert_cmpint (test_link_measure_wait (self), >, 0);
      g_assert_cmpint (test_link_measure_wait (self), <=, (2 + i) * G_USEC_PER_SEC);
    }
  test_device_reply_text (device, a, "1");
  test_wait_until (g_str_equal (self->told->str, "b:1 a:1 "));
  test_wait_until ((plant_rpc_timer_ring (self->timer, g_get_monotonic_time () +
                                                               60 * G_USEC_PER_SEC),
                    test_link_measure_wait (self) > 61 * G_USEC_PER_SEC));
}

static void
flood (TestZmtp *server,
       gboolean  more)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const guint size = 1024 * 1024;
  gsize sent = 0;

  g_byte_array_append (bytes, (const guint8 *) (more ? "\3" : "\2"), 1);
  g_byte_array_append (bytes, (const guint8 *) "\0\0\0\0\0\x10\0\0", 8);
  g_byte_array_set_size (bytes, 9 + size);
  /* The loop does not run meanwhile. */
  while (sent < PLANT_RPC_MAX_UNFINISHED + 32 * bytes->len)
    sent += test_zmtp_try_send (server, bytes->data + sent % bytes->len,
                                bytes->len - sent % bytes->len);
}

/* Only the bytes that wait on this connection count, not all bytes ever received. */
static void
test_much_in_time (void)
{
  g_autoptr (TestZmtpListener) listener = test_zmtp_listener_new ();
  g_autoptr (TestLink) self = test_link_new (test_zmtp_listener_get_url (listener));
  g_autoptr (TestZmtp) server = test_zmtp_listener_accept (listener);
  const gsize size = 16 * 1024 * 1024;
  g_autofree char *data = g_malloc0 (size);
  const guint n = 2 * PLANT_RPC_MAX_UNFINISHED / size;

  test_zmtp_shake_hands (server, "ROUTER");
  test_wait_until (plant_rpc_link_is_open (self->link));
  for (guint i = 1; i <= n; i++)
    {
      g_assert_true (test_zmtp_send_frame (server, data, size, FALSE));
      test_wait_until (plant_rpc_link_get_n_malformed (self->link) == i);
    }
  g_assert_cmpuint (self->n_lost, ==, 0);
  g_clear_pointer (&server, test_zmtp_free);
  test_wait_until (self->n_lost == 1);
  test_wait_until ((test_link_is_told (self, ""),
                    (server = test_zmtp_listener_try_accept (listener)) != NULL));
  test_zmtp_shake_hands (server, "ROUTER");
  test_wait_until (plant_rpc_link_is_open (self->link));
  flood (server, TRUE);
  test_wait_until ((test_link_is_told (self, ""), self->n_lost == 2));
  g_assert_error (self->reason, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
}

/* Little is kept of endless frames, or of messages that were not asked for. */
static void
test_flood (void)
{
  for (guint more = 0; more < 2; more++)
    {
      g_autoptr (TestZmtpListener) listener = test_zmtp_listener_new ();
      g_autoptr (TestLink) self = test_link_new (test_zmtp_listener_get_url (listener));
      g_autoptr (TestZmtp) server = test_zmtp_listener_accept (listener);

      test_zmtp_shake_hands (server, "ROUTER");
      test_wait_until (plant_rpc_link_is_open (self->link));
      test_link_send (self, "a");
      flood (server, more);
      test_wait_until (test_link_is_told (self, "lost a:failed "));
      g_assert_error (self->reason, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
    }
}

/* While the loop is busy few messages are held, whatever their size. The others wait at the
 * server. */
static void
test_busy (void)
{
  g_autoptr (TestZmtpListener) listener = test_zmtp_listener_new ();
  g_autoptr (TestLink) self = test_link_new (test_zmtp_listener_get_url (listener));
  g_autoptr (TestZmtp) server = test_zmtp_listener_accept (listener);
  const guint8 head[] = { 2, 0, 0, 0, 0, 0, 0, 0x20, 0 };
  guint8 message[sizeof head + 8192] = { 0 };
  const gsize limit = 16 * PLANT_RPC_MAX_UNREAD_MESSAGES * sizeof message;
  gint64 since = g_get_monotonic_time ();
  gsize sent = 0;

  test_zmtp_shake_hands (server, "ROUTER");
  test_wait_until (plant_rpc_link_is_open (self->link));
  memcpy (message, head, sizeof head);
  while (sent < limit && g_get_monotonic_time () < since + G_USEC_PER_SEC)
    {
      gsize n = test_zmtp_try_send (server, message + sent % sizeof message,
                                    sizeof message - sent % sizeof message);

      if (n > 0)
        since = g_get_monotonic_time ();
      sent += n;
    }
  g_assert_cmpuint (sent, <, limit);
  test_wait_until (plant_rpc_link_get_n_malformed (self->link) >= sent / sizeof message - 1);
  g_assert_cmpuint (self->n_lost, ==, 0);
}

/* A reply to a request may be large. */
static void
test_large_reply (void)
{
  g_autoptr (TestZmtpListener) listener = test_zmtp_listener_new ();
  g_autoptr (TestLink) self = test_link_new (test_zmtp_listener_get_url (listener));
  g_autoptr (TestZmtp) server = test_zmtp_listener_accept (listener);
  const gsize size = PLANT_RPC_MAX_UNFINISHED + 1024 * 1024, part = 1024 * 1024;
  g_autofree char *data = g_malloc0 (part);
  g_autoptr (GPtrArray) request = NULL;
  GBytes *id;

  test_zmtp_shake_hands (server, "ROUTER");
  test_wait_until (plant_rpc_link_is_open (self->link));
  plant_rpc_link_expect_large (self->link, test_link_send (self, "a"));
  request = test_zmtp_receive (server);
  id = request->pdata[0];
  test_zmtp_send_frame (server, g_bytes_get_data (id, NULL), g_bytes_get_size (id), TRUE);
  test_zmtp_send_frame (server, "", 0, TRUE);
  test_zmtp_send_frame (server, "x", 1, TRUE);
  test_zmtp_send_head (server, size, FALSE);
  for (gsize sent = 0; sent < size; sent += part)
    {
      test_zmtp_send_bytes (server, data, part);
      test_link_is_told (self, "");
    }
  test_wait_until (self->told->len > 0);
  g_assert_nonnull (strstr (self->told->str, "a:x +"));
  g_assert_cmpuint (self->n_lost, ==, 0);
}

static gboolean
on_incoming (GSocketService    *service,
             GSocketConnection *connection,
             GObject           *source,
             gpointer           user_data)
{
  const char *answer = user_data;

  if (answer != NULL)
    g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), answer,
                               strlen (answer), NULL, NULL, NULL);
  else
    g_object_set_data_full (G_OBJECT (service), "silent", g_object_ref (connection),
                            g_object_unref);
  return FALSE;
}

/* Something else listens there: it closes, it answers in its own way, it says nothing. */
static void
test_other_protocol (void)
{
  static const char *const answers[] = { "", "HTTP/1.1 400 Bad Request\r\n\r\n", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GSocketService) service = g_socket_service_new ();
      guint16 port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, NULL);
      g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u", port);
      g_autoptr (TestLink) self = NULL;

      g_signal_connect (service, "incoming", G_CALLBACK (on_incoming), (char *) answers[i]);
      self = test_link_new (url);
      if (answers[i] == NULL)
        {
          test_wait_until (g_object_get_data (G_OBJECT (service), "silent") != NULL);
          plant_rpc_timer_ring (self->timer, g_get_monotonic_time ());
          g_assert_cmpuint (self->n_lost, ==, 0);
          plant_rpc_timer_ring (self->timer, g_get_monotonic_time () + 6 * G_USEC_PER_SEC);
          g_assert_error (self->reason, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
        }
      test_wait_until (self->n_lost == 1);
      g_assert_false (plant_rpc_link_is_open (self->link));
      g_assert_cmpuint (self->n_opened, ==, 0);
      g_socket_service_stop (service);
      g_socket_listener_close (G_SOCKET_LISTENER (service));
    }
}

static void
test_bad_url (void)
{
  g_autoptr (TestLink) self = test_link_new ("tcp://127.0.0.1");

  g_assert_cmpuint (self->n_lost, ==, 1);
  g_assert_true (self->reason->domain == G_IO_ERROR);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), >, 0);
}

static void
do_close (gpointer owner)
{
  plant_rpc_link_close (((TestLink *) owner)->link);
}

static void
test_closed_by_reply (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (TestRequest) a = NULL, b = NULL;

  test_link_send (self, "a");
  a = test_device_expect_get (device, "a");
  self->action = do_close;
  test_device_reply_text (device, a, "1");
  test_device_reply_text (device, a, "2");
  test_wait_until (test_link_is_told (self, "a:1 "));
  g_assert_true (test_device_is_idle (device));
  g_assert_cmpuint (self->n_lost, ==, 0);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  g_assert_cmpuint (plant_rpc_link_get_n_late (self->link), ==, 0);
}

static void
do_run_loop (gpointer owner)
{
  TestLink *self = owner;

  g_string_append (self->told, "( ");
  test_wait_until (strstr (self->told->str, "b:") != NULL);
  g_string_append (self->told, ") ");
}

static void
test_loop_in_reply (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (TestRequest) a = NULL, b = NULL;

  test_link_send (self, "a");
  test_link_send (self, "b");
  a = test_device_expect_get (device, "a");
  b = test_device_expect_get (device, "b");
  self->action = do_run_loop;
  test_device_reply_text (device, a, "1");
  test_device_reply_text (device, b, "2");
  test_wait_until (test_link_is_told (self, "a:1 ( b:2 ) "));
}

/* This end of the connection to PORT. */
static int
find_connection (guint16 port)
{
  for (int fd = 0; fd < 1024; fd++)
    {
      g_autofree char *address = plant_rpc_channel_dup_address (fd, getpeername);
      struct sockaddr_in6 peer = { 0 };
      socklen_t size = sizeof peer;

      /* The port has the same place in an address of either family. */
      if (address != NULL && getpeername (fd, (struct sockaddr *) &peer, &size) == 0 &&
          ntohs (peer.sin6_port) == port)
        return fd;
    }
  return -1;
}

static int
get_option (int fd,
            int level,
            int name)
{
  int value = -1;
  socklen_t size = sizeof value;

  g_assert_cmpint (getsockopt (fd, level, name, &value, &size), ==, 0);
  return value;
}

/* The system notices within four seconds that a cable was cut. */
static void
test_keepalive (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  int fd = find_connection (atoi (strrchr (test_device_get_url (device), ':') + 1));

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (get_option (fd, SOL_SOCKET, SO_KEEPALIVE), ==, 1);
  g_assert_cmpint (get_option (fd, IPPROTO_TCP, TCP_KEEPIDLE), ==, 2);
  g_assert_cmpint (get_option (fd, IPPROTO_TCP, TCP_KEEPINTVL), ==, 1);
  g_assert_cmpint (get_option (fd, IPPROTO_TCP, TCP_KEEPCNT), ==, 2);
}

static struct sockaddr_storage given;

static int
give (int              fd,
      struct sockaddr *address,
      socklen_t       *size)
{
  memcpy (address, &given, MIN (*size, sizeof given));
  *size = sizeof given;
  return fd;
}

/* An IPv4 peer of an IPv6 socket is known to others by its IPv4 address. */
static void
test_addresses (void)
{
  static const struct {
    int         family;
    const char *text;
    const char *expected;
  } addresses[] = {
    { AF_INET, "192.0.2.1", "192.0.2.1" },
    { AF_INET6, "2001:db8::1", "2001:db8::1" },
    { AF_INET6, "::1", "::1" },
    { AF_INET6, "::ffff:192.0.2.1", "192.0.2.1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      struct sockaddr_in *in = (struct sockaddr_in *) &given;
      struct sockaddr_in6 *in6 = (struct sockaddr_in6 *) &given;
      g_autofree char *address = NULL;

      memset (&given, 0, sizeof given);
      given.ss_family = addresses[i].family;
      g_assert_cmpint (inet_pton (addresses[i].family, addresses[i].text,
                                  addresses[i].family == AF_INET ? (void *) &in->sin_addr
                                                                 : (void *) &in6->sin6_addr),
                       ==, 1);
      address = plant_rpc_channel_dup_address (0, give);
      g_assert_cmpstr (address, ==, addresses[i].expected);
      g_assert_null (plant_rpc_channel_dup_address (-1, give));
    }
  given.ss_family = AF_UNIX;
  g_assert_null (plant_rpc_channel_dup_address (0, give));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/link/replies", test_replies);
  g_test_add_func ("/link/late-and-twice", test_late_and_twice);
  g_test_add_func ("/link/rubbish", test_rubbish);
  g_test_add_func ("/link/extra-frames", test_extra_frames);
  g_test_add_func ("/link/pushes", test_pushes);
  g_test_add_func ("/link/watched", test_watched);
  g_test_add_func ("/link/flood", test_flood);
  g_test_add_func ("/link/busy", test_busy);
  g_test_add_func ("/link/large-reply", test_large_reply);
  g_test_add_func ("/link/much-in-time", test_much_in_time);
  g_test_add_func ("/link/other-protocol", test_other_protocol);
  g_test_add_func ("/link/bad-url", test_bad_url);
  g_test_add_func ("/link/closed-by-reply", test_closed_by_reply);
  g_test_add_func ("/link/loop-in-reply", test_loop_in_reply);
  g_test_add_func ("/link/keepalive", test_keepalive);
  g_test_add_func ("/link/addresses", test_addresses);

  return g_test_run ();
}
