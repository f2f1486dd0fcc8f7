/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-link-private.h"
#include "plant-rpc-registry-link-private.h"
#include "plant-rpc-test-registry.h"

/* Where the registry seems to be; NULL: where it is. */
static const char *pretended_peer;

const char *__real_plant_rpc_link_get_peer_address (PlantRpcLink *self);
const char *__wrap_plant_rpc_link_get_peer_address (PlantRpcLink *self);

const char *
__wrap_plant_rpc_link_get_peer_address (PlantRpcLink *self)
{
  return pretended_peer != NULL ? pretended_peer : __real_plant_rpc_link_get_peer_address (self);
}

/* A link whose owner writes down each callback. */
typedef struct {
  TestRegistry         *registry;  /* (owned) */
  PlantRpcTimer        *timer;     /* (owned) */
  PlantRpcRegistryLink *link;      /* (owned) (nullable) */
  GString              *journal;   /* (owned) */
  guint                 n_missed;
  gboolean              free_next; /* the next reply frees the link */
} Fixture;

static void
on_opened (gpointer owner)
{
  g_string_append (((Fixture *) owner)->journal, "opened ");
}

static void
on_missed (gpointer      owner,
           const GError *error)
{
  g_assert_nonnull (error);
  ((Fixture *) owner)->n_missed++;
}

static void
on_lost (gpointer owner)
{
  g_string_append (((Fixture *) owner)->journal, "lost ");
}

static void
on_replied (gpointer               owner,
            PlantRpcRegistryReply *reply,
            gboolean               expected)
{
  Fixture *self = owner;

  g_string_append_printf (self->journal, "%s%d ", expected ? "reply:" : "", (int) reply->type);
  for (guint i = 0; reply->records != NULL && i < reply->records->len; i++)
    g_string_append_printf (self->journal, "%s ",
                            ((PlantRpcDeviceRecord *) reply->records->pdata[i])->url);
  if (self->free_next)
    g_clear_pointer (&self->link, plant_rpc_registry_link_free);
}

static void
on_garbled (gpointer      owner,
            const GError *error)
{
  g_assert_nonnull (error);
  g_string_append (((Fixture *) owner)->journal, "garbled ");
}

static const PlantRpcRegistryLinkFuncs funcs = {
  .opened = on_opened,
  .missed = on_missed,
  .lost = on_lost,
  .replied = on_replied,
  .garbled = on_garbled,
};

static void
connect_link (Fixture *self)
{
  self->link = plant_rpc_registry_link_new (test_registry_get_url (self->registry), NULL,
                                            g_main_context_default (), self->timer, &funcs, self);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->registry = test_registry_new ();
  self->timer = plant_rpc_timer_new (g_main_context_default (), "test");
  self->journal = g_string_new (NULL);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_pointer (&self->link, plant_rpc_registry_link_free);
  plant_rpc_timer_free (self->timer);
  test_registry_free (self->registry);
  g_string_free (self->journal, TRUE);
}

#define assert_journal(self, expected) \
  test_wait_until (g_str_equal ((self)->journal->str, expected))

static void
ask (Fixture                *self,
      PlantRpcRegistryEvent  event,
      const char            *name)
{
  const PlantRpcRegistryRequest request = { .event = event };

  plant_rpc_registry_link_send (self->link, &request);
  g_variant_unref (test_registry_await (self->registry, name));
}

#define DEVICES "{\"event\": \"DEVICES\", \"payload\": {\"serial\": 1, \"devices\": []}}"
#define REMOVED "{\"event\": \"DEVICE_REMOVED\", \"payload\": {\"serial\": 2, \"uuid\": \"u\"}}"

/* A push that overtakes the reply does not count as the reply. */
static void
test_replies (Fixture       *self,
              gconstpointer  data)
{
  connect_link (self);
  assert_journal (self, "opened ");
  g_assert_true (plant_rpc_registry_link_is_open (self->link));
  ask (self, PLANT_RPC_REGISTRY_WATCH, "WATCH");
  test_registry_send (self->registry, REMOVED);
  test_registry_send (self->registry, DEVICES);
  test_registry_send (self->registry, DEVICES);
  test_registry_send (self->registry, REMOVED);
  assert_journal (self, "opened 5 reply:3 3 5 ");
}

/* The reply to an earlier request is not taken for that to the request under way. */
static void
test_late (Fixture       *self,
           gconstpointer  data)
{
  connect_link (self);
  assert_journal (self, "opened ");
  ask (self, PLANT_RPC_REGISTRY_LIST, "LIST");
  ask (self, PLANT_RPC_REGISTRY_LIST, "LIST");
  test_registry_send_late (self->registry, DEVICES);
  test_registry_send (self->registry, DEVICES);
  assert_journal (self, "opened 3 reply:3 ");
}

static void
test_garbled (Fixture       *self,
              gconstpointer  data)
{
  connect_link (self);
  assert_journal (self, "opened ");
  ask (self, PLANT_RPC_REGISTRY_LIST, "LIST");
  test_registry_send (self->registry, "{\"event\": 5}");
  test_registry_send (self->registry, DEVICES);
  assert_journal (self, "opened garbled reply:3 ");
}

/* A request that was under way is forgotten with its connection. */
static void
test_lost (Fixture       *self,
           gconstpointer  data)
{
  connect_link (self);
  assert_journal (self, "opened ");
  ask (self, PLANT_RPC_REGISTRY_LIST, "LIST");
  test_registry_leave (self->registry);
  assert_journal (self, "opened lost ");
  g_assert_false (plant_rpc_registry_link_is_open (self->link));
  test_registry_come_back (self->registry);
  assert_journal (self, "opened lost opened ");
  ask (self, PLANT_RPC_REGISTRY_LIST, "LIST");
  test_registry_send_late (self->registry, DEVICES);
  test_registry_send (self->registry, DEVICES);
  assert_journal (self, "opened lost opened 3 reply:3 ");
}

static void
test_missed (Fixture       *self,
             gconstpointer  data)
{
  test_registry_leave (self->registry);
  connect_link (self);
  plant_rpc_registry_link_renew (self->link);
  test_wait_until (self->n_missed >= 2);
  g_assert_cmpstr (self->journal->str, ==, "");
  test_registry_come_back (self->registry);
  assert_journal (self, "opened ");
}

static void
test_renew (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (GBytes) before = NULL, after = NULL;

  connect_link (self);
  assert_journal (self, "opened ");
  ask (self, PLANT_RPC_REGISTRY_LIST, "LIST");
  before = test_registry_dup_peer (self->registry);
  plant_rpc_registry_link_renew (self->link);
  assert_journal (self, "opened lost opened ");
  ask (self, PLANT_RPC_REGISTRY_LIST, "LIST");
  after = test_registry_dup_peer (self->registry);
  g_assert_false (g_bytes_equal (before, after));
}

/* The last request still goes out. */
static void
test_free (Fixture       *self,
           gconstpointer  data)
{
  const PlantRpcRegistryRequest request = { .event = PLANT_RPC_REGISTRY_UNREGISTER,
                                            .uuid = (char *) "u" };

  connect_link (self);
  assert_journal (self, "opened ");
  plant_rpc_registry_link_send (self->link, &request);
  g_clear_pointer (&self->link, plant_rpc_registry_link_free);
  g_variant_unref (test_registry_await (self->registry, "UNREGISTER"));
  g_assert_cmpstr (self->journal->str, ==, "opened ");
}

/* Of two replies that have arrived, the second is dropped if the first one frees the link. */
static void
test_free_in_reply (Fixture       *self,
                    gconstpointer  data)
{
  connect_link (self);
  assert_journal (self, "opened ");
  ask (self, PLANT_RPC_REGISTRY_LIST, "LIST");
  self->free_next = TRUE;
  test_registry_send (self->registry, DEVICES);
  test_registry_send (self->registry, REMOVED);
  test_wait_until (self->link == NULL);
  g_assert_cmpstr (self->journal->str, ==, "opened reply:3 ");
}

/* A caller that blocks drives the link itself, and its main context does not run. */
static void
test_blocking (Fixture       *self,
               gconstpointer  data)
{
  gint64 end = g_get_monotonic_time () + TEST_DEADLINE_S * G_USEC_PER_SEC;

  connect_link (self);
  while (!plant_rpc_registry_link_is_open (self->link))
    {
      zmq_pollitem_t items[2];
      guint n = plant_rpc_registry_link_fill_poll (self->link, items);
      gint64 deadline = plant_rpc_timer_get_deadline (self->timer);
      gint64 left = deadline < 0 ? 10 : (deadline - g_get_monotonic_time ()) / 1000;

      g_assert_cmpint (g_get_monotonic_time (), <, end);
      zmq_poll (items, (int) n, CLAMP (left, 0, 10));
      plant_rpc_registry_link_process (self->link);
      plant_rpc_timer_ring (self->timer, g_get_monotonic_time ());
    }
  g_assert_cmpstr (self->journal->str, ==, "opened ");
}

/* Devices that are known by an address of the loopback are on the computer of the registry. From
 * elsewhere they are reached as it is. */
static void
test_loopback (Fixture       *self,
               gconstpointer  data)
{
  static const struct {
    const char *peer;
    const char *journal;
  } cases[] = {
    { NULL, "reply:3 tcp://127.0.0.1:7 tcp://localhost:7 tcp://[::1]:7 tcp://10.0.0.9:7 "
            "ipc:///run/camera 4 tcp://127.0.1.1:8 " },
    { "10.0.0.2", "reply:3 tcp://10.0.0.2:7 tcp://10.0.0.2:7 tcp://10.0.0.2:7 tcp://10.0.0.9:7 "
                  "ipc:///run/camera 4 tcp://10.0.0.2:8 " },
    { "fd00::2", "reply:3 tcp://[fd00::2]:7 tcp://[fd00::2]:7 tcp://[fd00::2]:7 "
                 "tcp://10.0.0.9:7 ipc:///run/camera 4 tcp://[fd00::2]:8 " },
  };

  connect_link (self);
  assert_journal (self, "opened ");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      pretended_peer = cases[i].peer;
      g_string_truncate (self->journal, 0);
      ask (self, PLANT_RPC_REGISTRY_LIST, "LIST");
#define DEVICE(uuid, url) "{\"name\": \"" uuid "\", \"device_type\": \"t\", \"uuid\": \"" uuid \
                          "\", \"addr\": \"" url "\", \"age\": 1.5}"
      test_registry_send (self->registry, "%s",
                          "{\"event\": \"DEVICES\", \"payload\": {\"serial\": 1, \"devices\": ["
                          DEVICE ("a", "tcp://127.0.0.1:7") ", "
                          DEVICE ("b", "tcp://localhost:7") ", "
                          DEVICE ("c", "tcp://[::1]:7") ", "
                          DEVICE ("d", "tcp://10.0.0.9:7") ", "
                          DEVICE ("e", "ipc:///run/camera") "]}}");
      test_registry_send (self->registry, "%s",
                          "{\"event\": \"DEVICE_ADDED\", \"payload\": {\"serial\":2, \"devices\":["
                          DEVICE ("f", "tcp://127.0.1.1:8") "]}}");
#undef DEVICE
      assert_journal (self, cases[i].journal);
    }
  pretended_peer = NULL;
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) \
  g_test_add ("/registry-link/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("replies", test_replies);
  ADD ("late", test_late);
  ADD ("garbled", test_garbled);
  ADD ("lost", test_lost);
  ADD ("missed", test_missed);
  ADD ("renew", test_renew);
  ADD ("free", test_free);
  ADD ("free-in-reply", test_free_in_reply);
  ADD ("blocking", test_blocking);
  ADD ("loopback", test_loopback);
#undef ADD

  return g_test_run ();
}
