/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plant-rpc-callers-private.h"
#include "plant-rpc-channel-private.h"
#include "plant-rpc-generation1-port-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-test-clock.h"
#include "plant-rpc-test-peer.h"
#include "plant-rpc-test-wait.h"
#include "plant-rpc-test-zmtp.h"

/* An address that this computer does not have, so a peer on loopback is a stranger to that
 * server. */
#define ELSEWHERE "192.0.2.1"

#define SIGNAL(name) \
  "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"" name "\", \"args\": [1], \"blocking\": false}"
#define YES "{\"success\": true}"
#define NO  "{\"success\": false}"

static char *program; /* (owned): this one */

/* ---- a listener of a port */

typedef struct {
  PlantRpcGeneration1Port *port; /* (unowned) (nullable): NULL once left */
  GMutex                   mutex;
  GString                 *told; /* (owned) (mutex mutex): the calls on the thread of the port */
  GThread                 *thread; /* (unowned) (nullable) (mutex mutex): of the last call */
} Ear;

static void
tell (Ear        *self,
      const char *what)
{
  g_mutex_lock (&self->mutex);
  g_string_append_printf (self->told, "%s ", what);
  self->thread = g_thread_self ();
  g_mutex_unlock (&self->mutex);
}

static void
on_received (gpointer                listener,
             const PlantRpcEmission *emission)
{
  tell (listener, emission != NULL ? emission->name : "?");
}

static void
on_left (gpointer listener)
{
  tell (listener, "left");
}

static void
on_returned (gpointer listener)
{
  tell (listener, "returned");
}

static const PlantRpcGeneration1PortFuncs funcs = { on_received, on_left, on_returned };

static Ear *
ear_new (const char *url,
         const char *server_address)
{
  Ear *self = g_new0 (Ear, 1);
  g_autoptr (GError) error = NULL;

  g_mutex_init (&self->mutex);
  self->told = g_string_new (NULL);
  self->port = plant_rpc_generation1_port_join (url, server_address, "127.0.0.1", &funcs, self,
                                                &error);
  g_assert_no_error (error);
  return self;
}

static void
ear_leave (Ear      *self,
           gboolean  promised)
{
  plant_rpc_generation1_port_leave (g_steal_pointer (&self->port), self, promised);
}

static void
ear_free (Ear *self)
{
  if (self->port != NULL)
    ear_leave (self, FALSE);
  g_mutex_clear (&self->mutex);
  g_string_free (self->told, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ear, ear_free)

static gboolean
was_told (Ear        *self,
          const char *expected)
{
  gboolean equal;

  g_mutex_lock (&self->mutex);
  equal = g_str_equal (self->told->str, expected);
  g_mutex_unlock (&self->mutex);
  return equal;
}

#define assert_told(ear, expected) test_wait_until (was_told (ear, expected))

static TestPeer *
connect_pusher (Ear *self,
                int  type)
{
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u",
                                          plant_rpc_generation1_port_get_number (self->port));

  return test_peer_new (type, url);
}

static void
assert_acknowledged (TestPeer   *pusher,
                     const char *text,
                     const char *expected)
{
  g_autoptr (GPtrArray) frames = NULL;
  g_autofree char *reply = NULL;

  test_peer_send_text (pusher, text, NULL);
  frames = test_peer_receive (pusher);
  reply = test_frame_dup_text (frames, 0);
  g_assert_cmpstr (reply, ==, expected);
}

/* Returns a server whose connection the port has noted. */
static TestPeer *
connect_server (Ear *self)
{
  TestPeer *server = connect_pusher (self, ZMQ_REQ);

  assert_acknowledged (server, SIGNAL ("a"), YES);
  test_wait_until (plant_rpc_generation1_port_is_connected (self->port));
  return server;
}

/* ---- what the linker replaces */

/* If it is set, every signal seems to come from there. The port's thread reads it. */
static const char *_Atomic pretended;

char *__real_plant_rpc_frames_dup_address (const PlantRpcFrames *self);
char *__wrap_plant_rpc_frames_dup_address (const PlantRpcFrames *self);

char *
__wrap_plant_rpc_frames_dup_address (const PlantRpcFrames *self)
{
  const char *address = pretended;

  return address != NULL ? g_strdup (address) : __real_plant_rpc_frames_dup_address (self);
}

/* If it is set, it is told of each acknowledgement, too. */
static Ear *_Atomic spy;

PlantRpcSendResult __real_plant_rpc_socket_send (PlantRpcSocket         *self,
                                                 const PlantRpcEnvelope *envelope,
                                                 GBytes                 *payload,
                                                 GBytes                 *buffer);
PlantRpcSendResult __wrap_plant_rpc_socket_send (PlantRpcSocket         *self,
                                                 const PlantRpcEnvelope *envelope,
                                                 GBytes                 *payload,
                                                 GBytes                 *buffer);

PlantRpcSendResult
__wrap_plant_rpc_socket_send (PlantRpcSocket         *self,
                              const PlantRpcEnvelope *envelope,
                              GBytes                 *payload,
                              GBytes                 *buffer)
{
  if (spy != NULL)
    tell (spy, "acknowledged");
  return __real_plant_rpc_socket_send (self, envelope, payload, buffer);
}

/* Of the last socket that was bound. */
static GThread *_Atomic binder; /* the thread that has bound it */
static int max_unread, n_probes;
static gint64 max_frame;

static int
get_int (PlantRpcSocket *socket,
         int             option)
{
  int value = -1;
  gsize size = sizeof value;

  zmq_getsockopt (plant_rpc_socket_get_handle (socket), option, &value, &size);
  return value;
}

gboolean __real_plant_rpc_channel_bind (PlantRpcChannel  *self,
                                        const char       *url,
                                        GError          **error);
gboolean __wrap_plant_rpc_channel_bind (PlantRpcChannel  *self,
                                        const char       *url,
                                        GError          **error);

gboolean
__wrap_plant_rpc_channel_bind (PlantRpcChannel  *self,
                               const char       *url,
                               GError          **error)
{
  PlantRpcSocket *socket = plant_rpc_channel_get_socket (self);
  gsize size = sizeof max_frame;

  binder = g_thread_self ();
  max_unread = get_int (socket, ZMQ_RCVHWM);
  n_probes = get_int (socket, ZMQ_TCP_KEEPALIVE_CNT);
  zmq_getsockopt (plant_rpc_socket_get_handle (socket), ZMQ_MAXMSGSIZE, &max_frame, &size);
  return __real_plant_rpc_channel_bind (self, url, error);
}

/* While it is set, the next look at the callers waits here until it is unset, and then until they
 * are gone. */
static gint held_up;  /* (atomic) */
static gint is_there; /* (atomic) */

gboolean __real_plant_rpc_callers_sweep (PlantRpcCallers *self);
gboolean __wrap_plant_rpc_callers_sweep (PlantRpcCallers *self);

gboolean
__wrap_plant_rpc_callers_sweep (PlantRpcCallers *self)
{
  if (!g_atomic_int_get (&held_up))
    return __real_plant_rpc_callers_sweep (self);
  g_atomic_int_set (&is_there, TRUE);
  test_wait_for (!g_atomic_int_get (&held_up));
  test_wait_for (!__real_plant_rpc_callers_sweep (self));
  return FALSE;
}

/* ---- messages */

/* A stranger gets an acknowledgement, and its signal is none. */
static void
test_stranger (void)
{
  g_autoptr (Ear) self = ear_new ("tcp://192.0.2.1:5000", ELSEWHERE);
  g_autoptr (TestPeer) stranger = connect_pusher (self, ZMQ_REQ);

  assert_acknowledged (stranger, SIGNAL ("a"), NO);
  assert_acknowledged (stranger, SIGNAL ("b"), NO);
  g_assert_false (plant_rpc_generation1_port_is_connected (self->port));
  g_clear_pointer (&stranger, test_peer_free);
  stranger = connect_pusher (self, ZMQ_REQ);
  assert_acknowledged (stranger, SIGNAL ("c"), NO);
  assert_told (self, "? ? ? ");
}

/* The server sends from the address at which another client has reached it since. */
static void
test_other_address (void)
{
  g_autoptr (Ear) first = ear_new ("tcp://127.0.0.1:5005", "127.0.0.1");
  g_autoptr (TestPeer) server = connect_pusher (first, ZMQ_REQ);
  g_autoptr (Ear) second = NULL;

  assert_acknowledged (server, SIGNAL ("a"), YES);
  test_wait_until (plant_rpc_generation1_port_is_connected (first->port));
  pretended = ELSEWHERE;
  assert_acknowledged (server, SIGNAL ("b"), NO);
  second = ear_new ("tcp://127.0.0.1:5005", ELSEWHERE);
  g_assert_cmpuint (plant_rpc_generation1_port_get_number (second->port), ==,
                    plant_rpc_generation1_port_get_number (first->port));
  assert_acknowledged (server, SIGNAL ("c"), YES);
  pretended = NULL;
  assert_told (first, "a ? c ");
  assert_told (second, "c ");
}

/* A signal has exactly one frame. */
static void
test_frames (void)
{
  g_autoptr (Ear) self = ear_new ("tcp://127.0.0.1:5002", "127.0.0.1");
  g_autoptr (TestPeer) server = connect_pusher (self, ZMQ_REQ);
  g_autoptr (GPtrArray) frames = NULL;
  g_autofree char *reply = NULL;

  test_peer_send_text (server, SIGNAL ("a"), SIGNAL ("b"), NULL);
  frames = test_peer_receive (server);
  reply = test_frame_dup_text (frames, 0);
  g_assert_cmpstr (reply, ==, NO);
  assert_acknowledged (server, SIGNAL ("c"), YES);
  assert_told (self, "? c ");
}

/* What the server does after the acknowledgement cannot overtake the signal. One thread does
 * both. */
static void
test_acknowledgement (void)
{
  g_autoptr (Ear) self = ear_new ("tcp://127.0.0.1:5006", "127.0.0.1");
  g_autoptr (TestPeer) server = connect_pusher (self, ZMQ_REQ);

  spy = self;
  assert_acknowledged (server, SIGNAL ("a"), YES);
  assert_acknowledged (server, "rubbish", NO);
  spy = NULL;
  assert_told (self, "a acknowledged ? acknowledged ");
  g_assert_true (self->thread != g_thread_self ());
  g_assert_true (self->thread == binder);
}

/* A stranger can fill little memory, and a cut cable ends no connection for minutes. */
static void
test_limits (void)
{
  g_autoptr (Ear) self = ear_new ("tcp://127.0.0.1:5015", "127.0.0.1");

  g_assert_cmpint (max_unread, ==, 1);
  g_assert_cmpint (max_frame, ==, PLANT_RPC_MAX_REQUEST_SIZE);
  g_assert_cmpint (n_probes, >, 100);
}

/* The listeners of one server share the port to which it is connected. */
static void
test_shared (void)
{
  g_autoptr (Ear) first = ear_new ("tcp://127.0.0.1:5007", "127.0.0.1");
  g_autoptr (Ear) early = ear_new ("tcp://127.0.0.1:5007", "127.0.0.1");
  g_autoptr (TestPeer) server = connect_server (first);
  g_autoptr (Ear) second = ear_new ("tcp://127.0.0.1:5007", "127.0.0.1");
  g_autoptr (Ear) other = ear_new ("tcp://127.0.0.1:5008", "127.0.0.1");

  g_assert_true (early->port != first->port);
  g_assert_true (second->port == first->port);
  g_assert_true (other->port != first->port);
  assert_acknowledged (server, SIGNAL ("b"), YES);
  assert_told (first, "a b ");
  ear_leave (first, FALSE);
  assert_acknowledged (server, SIGNAL ("c"), YES);
  g_clear_pointer (&server, test_peer_free);
  assert_told (second, "b c left ");
  server = connect_server (second);
  assert_told (second, "b c left returned a ");
  assert_told (first, "a b ");
  assert_told (early, "");
}

/* The port listens at the address that it is given, or says why not. */
static void
test_refused (void)
{
  Ear listener = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_null (plant_rpc_generation1_port_join ("tcp://127.0.0.1:5009", "127.0.0.1", ELSEWHERE,
                                                  &funcs, &listener, &error));
  g_assert_nonnull (error);
  g_assert_null (plant_rpc_generation1_port_join ("tcp://127.0.0.1:5009", "127.0.0.1", ELSEWHERE,
                                                  &funcs, &listener, NULL));
}

/* ---- connections */

/* What the server has sent before it left is handed over before, although it comes when the end of
 * the connection is noticed. */
static void
test_last_signal (void)
{
  g_autoptr (Ear) self = ear_new ("tcp://127.0.0.1:5010", "127.0.0.1");
  g_autoptr (TestZmtp) server = test_zmtp_new (plant_rpc_generation1_port_get_number (self->port));

  g_assert_true (test_zmtp_shake_hands (server, "REQ"));
  test_wait_until (plant_rpc_generation1_port_is_connected (self->port));
  g_atomic_int_set (&held_up, TRUE);
  test_wait_until (g_atomic_int_get (&is_there));
  g_assert_true (test_zmtp_send_frame (server, "", 0, TRUE));
  g_assert_true (test_zmtp_send_frame (server, SIGNAL ("a"), strlen (SIGNAL ("a")), FALSE));
  g_clear_pointer (&server, test_zmtp_free);
  g_atomic_int_set (&held_up, FALSE);
  assert_told (self, "a left ");
  g_assert_false (plant_rpc_generation1_port_is_connected (self->port));
}

static guint
count_open (GPtrArray *connections)
{
  guint n_open = 0;

  for (guint i = 0; i < connections->len; i++)
    {
      GSocket *socket = g_socket_connection_get_socket (connections->pdata[i]);
      char byte;

      g_socket_set_blocking (socket, FALSE);
      /* Reads the greeting of the other end until the end of the connection, which is 0. */
      while (g_socket_receive (socket, &byte, 1, NULL, NULL) > 0)
        continue;
      n_open += g_socket_receive (socket, &byte, 1, NULL, NULL) != 0;
    }
  return n_open;
}

static void
connect_many (Ear     *self,
              GPtrArray *connections,
              guint      n_connections)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  while (connections->len < n_connections)
    {
      g_autoptr (GError) error = NULL;
      GSocketConnection *connection = g_socket_client_connect_to_host (
          client, "127.0.0.1", plant_rpc_generation1_port_get_number (self->port), NULL,
          &error);

      g_assert_no_error (error);
      g_ptr_array_add (connections, connection);
    }
}

/* Strangers can neither use up the descriptors nor take the place of the server. */
static void
test_too_many (void)
{
  static const char *const addresses[] = { ELSEWHERE, "127.0.0.1" };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autoptr (Ear) self = ear_new ("tcp://192.0.2.1:5003", addresses[i]);
      g_autoptr (GPtrArray) connections = g_ptr_array_new_with_free_func (g_object_unref);
      g_autoptr (TestPeer) pusher = NULL;

      connect_many (self, connections, PLANT_RPC_MAX_CALLERS + 5);
      test_wait_until (count_open (connections) == PLANT_RPC_MAX_CALLERS);
      g_ptr_array_set_size (connections, 0);
      pusher = connect_pusher (self, ZMQ_REQ);
      assert_acknowledged (pusher, SIGNAL ("a"), i == 0 ? NO : YES);
    }
}

/* A connection whose message never ends is ended. */
static void
test_endless_message (void)
{
  g_autoptr (Ear) self = ear_new ("tcp://127.0.0.1:5004", "127.0.0.1");
  g_autoptr (TestZmtp) attacker =
      test_zmtp_new (plant_rpc_generation1_port_get_number (self->port));
  g_autoptr (TestPeer) server = NULL;
  const gsize size = 1024 * 1024;
  g_autofree char *data = g_malloc0 (size);
  gsize sent = 0;

  g_assert_true (test_zmtp_shake_hands (attacker, "REQ"));
  g_assert_true (test_zmtp_send_frame (attacker, "", 0, TRUE));
  while (sent < 8 * PLANT_RPC_MAX_UNFINISHED && test_zmtp_send_frame (attacker, data, size, TRUE))
    sent += size;
  test_wait_until (test_zmtp_is_closed (attacker));
  g_assert_cmpuint (sent, >, PLANT_RPC_MAX_REQUEST_SIZE);
  assert_told (self, "left ");
  server = connect_pusher (self, ZMQ_REQ);
  assert_acknowledged (server, SIGNAL ("a"), YES);
}

/* ---- how long a port stays */

/* Whether somebody listens at a TCP port. */
static gboolean
is_open (guint16 number)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                             G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1", number);

  return !g_socket_bind (socket, address, TRUE, NULL);
}

/* The port has been looked at, SECONDS after the beginning, and is still there. */
static void
assert_stays (guint16 number,
              guint   seconds)
{
  test_clock_step (seconds * G_USEC_PER_SEC);
  test_clock_record ("[plantrpc] callers");
  test_wait_until (test_clock_count () >= 2);
  g_array_unref (test_clock_end_recording ());
  g_assert_true (is_open (number));
}

/* Nothing keeps a port of which no server was told, not even a stranger. */
static void
test_unneeded (void)
{
  g_autoptr (Ear) self = ear_new ("tcp://192.0.2.1:5011", ELSEWHERE);
  g_autoptr (TestPeer) stranger = connect_pusher (self, ZMQ_REQ);
  guint16 number = plant_rpc_generation1_port_get_number (self->port);

  assert_acknowledged (stranger, SIGNAL ("a"), NO);
  g_assert_true (is_open (number));
  ear_leave (self, FALSE);
  test_wait_until (!is_open (number));
}

/* A server that was told of the port may need a minute to connect. */
static void
test_promised (void)
{
  g_autoptr (Ear) self = ear_new ("tcp://127.0.0.1:5012", "127.0.0.1");
  guint16 number = plant_rpc_generation1_port_get_number (self->port);

  test_clock_stretch (0.001);
  ear_leave (self, TRUE);
  assert_stays (number, 0);
  assert_stays (number, 30);
  test_clock_step (61 * G_USEC_PER_SEC);
  test_wait_until (!is_open (number));
  test_clock_reset ();
}

/* A port stays as long as the server is connected, and 20 s longer, for a server that comes
 * back. */
static void
test_kept (void)
{
  g_autoptr (Ear) self = ear_new ("tcp://127.0.0.1:5013", "127.0.0.1");
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u",
                                          plant_rpc_generation1_port_get_number (self->port));
  guint16 number = plant_rpc_generation1_port_get_number (self->port);
  g_autoptr (TestPeer) server = NULL;

  test_clock_stretch (0.001);
  server = connect_server (self);
  g_clear_pointer (&server, test_peer_free);
  assert_told (self, "a left ");
  ear_leave (self, FALSE);
  assert_stays (number, 0);
  assert_stays (number, 10);
  server = test_peer_new (ZMQ_REQ, url);
  assert_acknowledged (server, SIGNAL ("b"), YES);
  assert_acknowledged (server, SIGNAL ("b"), YES);
  assert_stays (number, 1000);
  assert_acknowledged (server, SIGNAL ("c"), YES);
  g_clear_pointer (&server, test_peer_free);
  assert_stays (number, 1000);
  test_clock_step (1022 * G_USEC_PER_SEC);
  test_wait_until (!is_open (number));
  test_clock_reset ();
}

/* ---- the end of the process */

/* Ends this process while a server is connected. */
static void
exit_with_port (void)
{
  static Ear *volatile ear; /* still to be found at the end: no leak */
  static TestPeer *volatile server;

  ear = ear_new ("tcp://127.0.0.1:5014", "127.0.0.1");
  server = connect_server (ear);
  assert_acknowledged (server, SIGNAL ("b"), YES);
  exit (7);
}

static void
test_exit (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) child =
      g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, "--exit", NULL);

  g_assert_no_error (error);
  g_subprocess_wait (child, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (child), ==, 7);
}

/* A forked child lacks the thread, and gets one of its own. */
G_GNUC_UNUSED static void
test_fork (void)
{
  g_autoptr (Ear) self = ear_new ("tcp://127.0.0.1:5014", "127.0.0.1");
  g_autoptr (TestPeer) server = connect_server (self);
  int status = 0;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    exit_with_port ();
  test_wait_for (waitpid (child, &status, WNOHANG) == child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 7);
  assert_acknowledged (server, SIGNAL ("b"), YES);
  assert_told (self, "a b ");
}

int
main (int   argc,
      char *argv[])
{
  int status;

  if (argc == 2 && g_str_equal (argv[1], "--exit"))
    exit_with_port ();
  g_test_init (&argc, &argv, NULL);
  program = g_file_read_link ("/proc/self/exe", NULL);

  g_test_add_func ("/generation1-port/stranger", test_stranger);
  g_test_add_func ("/generation1-port/other-address", test_other_address);
  g_test_add_func ("/generation1-port/frames", test_frames);
  g_test_add_func ("/generation1-port/acknowledgement", test_acknowledgement);
  g_test_add_func ("/generation1-port/limits", test_limits);
  g_test_add_func ("/generation1-port/shared", test_shared);
  g_test_add_func ("/generation1-port/refused", test_refused);
  g_test_add_func ("/generation1-port/last-signal", test_last_signal);
  g_test_add_func ("/generation1-port/too-many", test_too_many);
  g_test_add_func ("/generation1-port/endless-message", test_endless_message);
  g_test_add_func ("/generation1-port/unneeded", test_unneeded);
  g_test_add_func ("/generation1-port/promised", test_promised);
  g_test_add_func ("/generation1-port/kept", test_kept);
  g_test_add_func ("/generation1-port/exit", test_exit);
/* A forked child may find the allocator of the one sanitizer locked for ever, and must not start
 * threads with the other one. */
#if !defined (__SANITIZE_ADDRESS__) && !defined (__SANITIZE_THREAD__)
  g_test_add_func ("/generation1-port/fork", test_fork);
#endif

  status = g_test_run ();
  g_free (program);
  return status;
}
