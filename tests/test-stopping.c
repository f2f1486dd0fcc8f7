/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-server.h"
#include "plant-rpc-test-peer.h"

/* ---- an object whose accessors stop the server that offers it */

#define TEST_TYPE_TRAP (test_trap_get_type ())
G_DECLARE_FINAL_TYPE (TestTrap, test_trap, TEST, TRAP, GObject)

struct _TestTrap {
  GObject         parent_instance;
  int             value;
  PlantRpcServer *stop_at_read;  /* (unowned) (nullable) */
  PlantRpcServer *stop_at_write; /* (unowned) (nullable) */
};

G_DEFINE_FINAL_TYPE (TestTrap, test_trap, G_TYPE_OBJECT)

enum {
  PROP_TRAP = 1,
  PROP_VALUE,
};

static void
test_trap_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  TestTrap *self = TEST_TRAP (object);

  if (prop_id == PROP_TRAP && self->stop_at_read != NULL)
    plant_rpc_server_stop (self->stop_at_read);
  g_value_set_int (value, self->value);
}

static void
test_trap_set_property (GObject      *object,
                        guint         prop_id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  TestTrap *self = TEST_TRAP (object);

  self->value = g_value_get_int (value);
  if (self->stop_at_write != NULL)
    plant_rpc_server_stop (self->stop_at_write);
}

static void
test_trap_class_init (TestTrapClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = test_trap_get_property;
  object_class->set_property = test_trap_set_property;
  g_object_class_install_property (object_class, PROP_TRAP,
                                   g_param_spec_int ("trap", NULL, NULL, 0, 100, 0,
                                                     G_PARAM_READWRITE));
  g_object_class_install_property (object_class, PROP_VALUE,
                                   g_param_spec_int ("value", NULL, NULL, 0, 100, 0,
                                                     G_PARAM_READABLE));
}

static void
test_trap_init (TestTrap *self)
{
}

/* ---- the server, and a peer that has subscribed */

typedef struct {
  TestTrap       *trap;
  PlantRpcServer *server;
  TestPeer       *peer;
} Fixture;

static void
subscribe (Fixture *self)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_SUBSCRIBE, .number = 100000 };
  g_auto (PlantRpcReply) reply = { 0 };

  test_peer_ask_native (self->peer, &request, &reply);
  g_assert_no_error (reply.error);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->trap = g_object_new (TEST_TYPE_TRAP, NULL);
  self->server = plant_rpc_server_new (G_OBJECT (self->trap), "tcp://127.0.0.1:*");
  g_assert_true (plant_rpc_server_start (self->server, NULL));
  self->peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (self->server));
  subscribe (self);
}

/* A server that has been stopped in the middle of something can be started again. */
static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (TestPeer) peer = NULL;

  test_wait_until (!plant_rpc_server_get_running (self->server));
  self->trap->stop_at_read = self->trap->stop_at_write = NULL;
  self->trap->value = 3;
  g_assert_true (plant_rpc_server_start (self->server, NULL));
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (self->server));
  test_peer_assert_reply (peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"value\"}",
                          "{'success': <true>, 'value': <@x 3>}");
  test_peer_free (self->peer);
  g_assert_finalize_object (self->server);
  g_assert_finalize_object (self->trap);
}

static void
send_native (Fixture       *self,
             PlantRpcEvent  event)
{
  PlantRpcRequest request = { .event = event };

  if (event == PLANT_RPC_EVENT_PROPERTY_GET || event == PLANT_RPC_EVENT_PROPERTY_SET)
    request.name = g_strdup ("trap");
  if (event == PLANT_RPC_EVENT_PROPERTY_SET)
    request.value = g_variant_ref_sink (g_variant_new_int32 (7));
  if (event == PLANT_RPC_EVENT_SUBSCRIBE)
    request.number = 100000;
  test_peer_send_native (self->peer, 77, &request);
}

static void
test_read (Fixture       *self,
           gconstpointer  data)
{
  self->trap->stop_at_read = self->server;
  send_native (self, PLANT_RPC_EVENT_PROPERTY_GET);
}

/* The properties after the one whose getter stops the server are not read. */
static void
test_read_all (Fixture       *self,
               gconstpointer  data)
{
  self->trap->stop_at_read = self->server;
  send_native (self, PLANT_RPC_EVENT_GET_ALL);
}

static void
test_subscribe (Fixture       *self,
                gconstpointer  data)
{
  self->trap->stop_at_read = self->server;
  send_native (self, PLANT_RPC_EVENT_SUBSCRIBE);
}

static gpointer
notify_elsewhere (gpointer trap)
{
  g_object_notify (trap, "trap");
  return NULL;
}

/* A change is told with the value, for which the getter is called. */
static void
test_change (Fixture       *self,
             gconstpointer  data)
{
  self->trap->stop_at_read = self->server;
  g_assert_true (g_main_context_acquire (NULL));
  g_object_notify (G_OBJECT (self->trap), "trap");
  g_main_context_release (NULL);
  g_assert_false (plant_rpc_server_get_running (self->server));
}

static void
test_change_elsewhere (Fixture       *self,
                       gconstpointer  data)
{
  self->trap->stop_at_read = self->server;
  g_thread_join (g_thread_new ("notify", notify_elsewhere, self->trap));
  g_assert_true (plant_rpc_server_get_running (self->server));
}

static void
test_write (Fixture       *self,
            gconstpointer  data)
{
  self->trap->stop_at_write = self->server;
  send_native (self, PLANT_RPC_EVENT_PROPERTY_SET);
  test_wait_until (self->trap->value == 7);
}

/* The value that the writer is to be told is read after the write. */
static void
test_written (Fixture       *self,
              gconstpointer  data)
{
  self->trap->stop_at_read = self->server;
  send_native (self, PLANT_RPC_EVENT_PROPERTY_SET);
  test_wait_until (self->trap->value == 7);
}

static gboolean
accept_write (PlantRpcInvocation  *invocation,
              const char          *name,
              GVariant            *value,
              gpointer             user_data,
              GError             **error)
{
  if (user_data != NULL)
    plant_rpc_server_stop (user_data);
  return TRUE;
}

static void
test_accepted (Fixture       *self,
               gconstpointer  data)
{
  plant_rpc_server_set_write_handler (self->server, accept_write, NULL, NULL);
  test_write (self, data);
}

/* The value is not set any more. */
static void
test_decided (Fixture       *self,
              gconstpointer  data)
{
  plant_rpc_server_set_write_handler (self->server, accept_write, self->server, NULL);
  send_native (self, PLANT_RPC_EVENT_PROPERTY_SET);
  test_wait_until (!plant_rpc_server_get_running (self->server));
  g_assert_cmpint (self->trap->value, ==, 0);
}

#define ADD(name, function) \
  g_test_add ("/stopping/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("read", test_read);
  ADD ("read-all", test_read_all);
  ADD ("subscribe", test_subscribe);
  ADD ("change", test_change);
  ADD ("change/elsewhere", test_change_elsewhere);
  ADD ("write", test_write);
  ADD ("written", test_written);
  ADD ("accepted", test_accepted);
  ADD ("decided", test_decided);
  return g_test_run ();
}
