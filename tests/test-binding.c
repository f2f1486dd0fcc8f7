/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client.h"
#include "plant-rpc-error.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-child.h"
#include "plant-rpc-test-peer.h"

/* ---- a widget, and a device that lives in this process: both have a "rotation" */

#define TEST_TYPE_DIAL (test_dial_get_type ())
G_DECLARE_FINAL_TYPE (TestDial, test_dial, TEST, DIAL, GObject)

struct _TestDial {
  GObject parent_instance;

  int     rotation;
  int     maximum; /* above it the setter clamps */
  guint   n_set;
};

G_DEFINE_FINAL_TYPE (TestDial, test_dial, G_TYPE_OBJECT)

static GParamSpec *rotation_spec;

static void
test_dial_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  g_value_set_int (value, TEST_DIAL (object)->rotation);
}

static void
turn (TestDial *self,
      int       rotation)
{
  rotation = MIN (rotation, self->maximum);
  if (self->rotation == rotation)
    return;
  self->rotation = rotation;
  g_object_notify_by_pspec (G_OBJECT (self), rotation_spec);
}

static void
test_dial_set_property (GObject      *object,
                        guint         prop_id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  TEST_DIAL (object)->n_set++;
  turn (TEST_DIAL (object), g_value_get_int (value));
}

static void
test_dial_class_init (TestDialClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = test_dial_get_property;
  object_class->set_property = test_dial_set_property;
  rotation_spec = g_param_spec_int ("rotation", NULL, NULL, G_MININT, G_MAXINT, 0,
                                    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                        G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, 1, rotation_spec);
}

static void
test_dial_init (TestDial *self)
{
  self->maximum = G_MAXINT;
}

/* ---- the device, over each wire */

typedef enum {
  TAKE,
  REFUSE,
  LIMIT, /* to 0 … 100 */
  KEEP,  /* confirm, and keep the old value in silence */
  N_BEHAVIOURS,
} Behaviour;

typedef struct {
  TestChild      *child;     /* (owned) (nullable): the peer's server, or else: */
  PlantRpcServer *server;    /* (owned) (nullable) */
  TestDial       *dial;      /* (owned) (nullable) */
  GArray         *sets;      /* (owned) (element-type int): what came */
  Behaviour       behaviour;
  guint           delay;     /* ms before a write is looked at */
  guint           n_waiting; /* writes that came and were not looked at yet */
  guint           n_most;    /* the most of them so far */
} Device;

typedef struct {
  Device             *device;
  PlantRpcInvocation *invocation; /* (owned) */
  int                 rotation;
} Write;

static void
decide (Device             *self,
        PlantRpcInvocation *invocation,
        int                 rotation)
{
  g_autoptr (GError) error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED, "no");

  if (self->behaviour == REFUSE)
    {
      plant_rpc_invocation_return_gerror (invocation, error);
      return;
    }
  if (self->behaviour != KEEP)
    turn (self->dial, self->behaviour == LIMIT ? CLAMP (rotation, 0, 100) : rotation);
  plant_rpc_invocation_return_value (invocation, NULL);
}

static gboolean
decide_later (gpointer data)
{
  Write *write = data;

  write->device->n_waiting--;
  decide (write->device, write->invocation, write->rotation);
  g_object_unref (write->invocation);
  g_free (write);
  return G_SOURCE_REMOVE;
}

static gboolean
on_write (PlantRpcInvocation  *invocation,
          const char          *name,
          GVariant            *value,
          gpointer             user_data,
          GError             **error)
{
  Device *self = user_data;
  int rotation = g_variant_get_int32 (value);
  Write *write;

  g_array_append_val (self->sets, rotation);
  self->n_waiting++;
  self->n_most = MAX (self->n_most, self->n_waiting);
  write = g_new (Write, 1);
  *write = (Write) { self, g_object_ref (invocation), rotation };
  g_timeout_add (self->delay, decide_later, write);
  return FALSE;
}

static void
on_echo (PlantRpcInvocation  *invocation,
         gpointer             user_data,
         GError             **error)
{
  plant_rpc_invocation_return_value (invocation, NULL);
}

static void
start_native (Device *self)
{
  g_autoptr (GError) error = NULL;

  self->dial = g_object_new (TEST_TYPE_DIAL, NULL);
  self->server = plant_rpc_server_new (G_OBJECT (self->dial), "tcp://127.0.0.1:*");
  plant_rpc_server_set_write_handler (self->server, on_write, self, NULL);
  plant_rpc_server_register_method_json (self->server, "echo", NULL, 10000,
                                         PLANT_RPC_METHOD_FLAGS_NONE, on_echo, self, NULL);
  plant_rpc_server_start (self->server, &error);
  g_assert_no_error (error);
}

/* GENERATION 0: native. */
static Device *
device_new (int generation)
{
  Device *self = g_new0 (Device, 1);

  self->sets = g_array_new (FALSE, FALSE, sizeof (int));
  if (generation == 0)
    start_native (self);
  else
    self->child = test_child_new (generation, "camera");
  return self;
}

static void
device_free (Device *self)
{
  if (self->server != NULL)
    plant_rpc_server_stop (self->server);
  g_clear_object (&self->server);
  g_clear_object (&self->dial);
  g_clear_pointer (&self->child, test_child_free);
  g_array_unref (self->sets);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Device, device_free)

static const char *
device_get_url (Device *self)
{
  return self->child != NULL ? test_child_get_url (self->child)
                             : plant_rpc_server_get_url (self->server);
}

static void
device_behave (Device    *self,
               Behaviour  behaviour,
               guint      delay)
{
  static const char *const members[N_BEHAVIOURS] = { "", ", \"refuse\": \"no\"",
                                                     ", \"clamp\": [0, 100]", ", \"keep\": true" };

  self->behaviour = behaviour;
  self->delay = delay;
  if (self->child != NULL)
    test_child_order (self->child,
                      "{\"command\": \"behave\", \"property\": \"rotation\", \"delay\": %u%s}",
                      delay, members[behaviour]);
}

/* It changes by other hands. */
static void
device_turn (Device *self,
             int     rotation)
{
  if (self->child == NULL)
    turn (self->dial, rotation);
  else
    test_child_order (self->child,
                      "{\"command\": \"set\", \"property\": \"rotation\", \"value\": %d}",
                      rotation);
}

static int
device_get (Device *self)
{
  g_autoptr (GVariant) answer = NULL;
  gint64 rotation;

  if (self->child == NULL)
    return self->dial->rotation;
  answer = test_child_command (self->child,
                               "{\"command\": \"get\", \"property\": \"rotation\"}");
  g_assert_true (g_variant_lookup (answer, "value", "x", &rotation));
  return rotation;
}

/* The writes that came, in their order (element-type int). */
static GArray *
device_list_sets (Device *self)
{
  GArray *list = g_array_copy (self->sets);
  g_autoptr (GVariant) answer = NULL, sets = NULL, rotation = NULL, values = NULL;
  GVariantIter iter;
  GVariant *value;

  if (self->child == NULL)
    return list;
  answer = test_child_command (self->child, "{\"command\": \"counters\"}");
  sets = g_variant_lookup_value (answer, "sets", G_VARIANT_TYPE_VARDICT);
  rotation = g_variant_lookup_value (sets, "rotation", G_VARIANT_TYPE_VARDICT);
  if (rotation == NULL)
    return list;
  values = g_variant_lookup_value (rotation, "values", G_VARIANT_TYPE ("av"));
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "v", &value))
    {
      int set = (int) g_variant_get_int64 (value);

      g_array_append_val (list, set);
    }
  return list;
}

/* ---- the desk: a client, and two widgets bound to it both ways */

typedef struct {
  Device         *device;     /* (owned) */
  PlantRpcClient *client;     /* (owned) */
  TestDial       *widgets[2]; /* (owned) */
  GArray         *edits;      /* (owned) (element-type int): of the user, since the last check */
  guint           n_sets;     /* that came until the last check */
  guint           n_refused;  /* that ought to have been */
  guint           n_failed;   /* that were */
} Desk;

static void
on_write_failed (PlantRpcClient *client,
                 const char     *name,
                 const GError   *error,
                 gpointer        user_data)
{
  g_assert_cmpstr (name, ==, "rotation");
  ((Desk *) user_data)->n_failed++;
}

static int
desk_get (Desk *self)
{
  int rotation;

  g_object_get (self->client, "rotation", &rotation, NULL);
  return rotation;
}

static Desk *
desk_new (int generation)
{
  Desk *self = g_new0 (Desk, 1);
  g_autoptr (PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_from_json (
      "{\"properties\": {\"rotation\": {\"type\": \"i\"}}, \"methods\": {\"echo\": {}}}", NULL);

  self->device = device_new (generation);
  self->edits = g_array_new (FALSE, FALSE, sizeof (int));
  self->client = plant_rpc_client_new_for_interface (info, device_get_url (self->device), NULL);
  g_signal_connect (self->client, "write-failed", G_CALLBACK (on_write_failed), self);
  for (guint i = 0; i < 2; i++)
    {
      self->widgets[i] = g_object_new (TEST_TYPE_DIAL, NULL);
      g_object_bind_property (self->client, "rotation", self->widgets[i], "rotation",
                              G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
    }
  test_wait_until (plant_rpc_client_get_state (self->client) == PLANT_RPC_STATE_READY);
  return self;
}

static void
desk_free (Desk *self)
{
  g_assert_finalize_object (self->client);
  for (guint i = 0; i < 2; i++)
    g_assert_finalize_object (self->widgets[i]);
  g_array_unref (self->edits);
  g_clear_pointer (&self->device, device_free);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Desk, desk_free)

/* A user turns a widget. It is an edit where the widget's value changes, and differs from what the
 * client shows: that is current, or pending. */
static void
desk_edit (Desk  *self,
           guint  which,
           int    rotation)
{
  gboolean written = rotation != self->widgets[which]->rotation && rotation != desk_get (self);

  turn (self->widgets[which], rotation);
  if (!written)
    return;
  g_array_append_val (self->edits, rotation);
}

static void
on_done (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  gboolean *done = user_data;

  *done = TRUE;
}

/* Until all that was written has been settled. */
static void
desk_flush (Desk *self)
{
  gboolean flushed = FALSE, called = FALSE;

  plant_rpc_client_flush (self->client, NULL, on_done, &flushed);
  test_wait_until (flushed);
  if (self->device->child != NULL)
    test_child_settle (self->device->child);
  plant_rpc_client_call (self->client, "echo", g_variant_new ("(i)", 1), NULL, 20000, NULL,
                         on_done, &called);
  test_wait_until (called);
}

static gboolean
desk_agrees (Desk *self,
             int   rotation)
{
  return desk_get (self) == rotation && self->widgets[0]->rotation == rotation &&
         self->widgets[1]->rotation == rotation;
}

/* The device gets edits in their order, and the last one. An edit that was replaced before the
 * device had answered the one before it is left out. */
static void
desk_check_sets (Desk *self)
{
  g_autoptr (GArray) sets = device_list_sets (self->device);
  guint n_edits = 0;

  for (guint i = self->n_sets; i < sets->len; i++)
    {
      while (n_edits < self->edits->len &&
             g_array_index (self->edits, int, n_edits) != g_array_index (sets, int, i))
        n_edits++;
      g_assert_cmpuint (n_edits++, <, self->edits->len);
    }
  g_assert_true ((self->edits->len > 0) == (sets->len > self->n_sets));
  if (self->edits->len > 0)
    g_assert_cmpint (g_array_index (sets, int, sets->len - 1), ==,
                     g_array_index (self->edits, int, self->edits->len - 1));
  if (self->device->behaviour == REFUSE)
    self->n_refused += sets->len - self->n_sets;
  self->n_sets = sets->len;
  g_array_set_size (self->edits, 0);
}

static void
desk_check (Desk *self)
{
  desk_flush (self);
  test_wait_until (desk_agrees (self, device_get (self->device)));
  desk_check_sets (self);
  test_wait_until (self->n_failed >= self->n_refused);
  g_assert_cmpuint (self->n_failed, ==, self->n_refused);
  g_assert_cmpuint (plant_rpc_client_get_n_dropped (self->client), ==, 0);
}

/* ---- what is seen */

static void
test_follows (gconstpointer generation)
{
  g_autoptr (Desk) self = desk_new (GPOINTER_TO_INT (generation));

  desk_edit (self, 0, 10);
  /* The other widget follows at once. */
  g_assert_true (desk_agrees (self, 10));
  desk_check (self);
  desk_edit (self, 1, 20);
  desk_edit (self, 1, 20);
  desk_edit (self, 0, 20);
  desk_check (self);
  device_turn (self->device, 30);
  desk_check (self);
  g_assert_true (desk_agrees (self, 30));
}

static void
test_refused (gconstpointer generation)
{
  g_autoptr (Desk) self = desk_new (GPOINTER_TO_INT (generation));

  desk_edit (self, 0, 10);
  desk_check (self);
  device_behave (self->device, REFUSE, 0);
  desk_edit (self, 0, 20);
  g_assert_true (desk_agrees (self, 20));
  desk_check (self);
  g_assert_true (desk_agrees (self, 10));
  /* Two at once: back to the device's value, not to that of the first. */
  desk_edit (self, 0, 30);
  desk_edit (self, 1, 40);
  desk_check (self);
  g_assert_true (desk_agrees (self, 10));
  /* A change of the device while one is pending. */
  device_behave (self->device, REFUSE, 50);
  desk_edit (self, 0, 50);
  device_turn (self->device, 60);
  desk_check (self);
  g_assert_true (desk_agrees (self, 60));
}

/* The device takes another value, which may be the one it had. */
static void
test_coerced (gconstpointer generation)
{
  g_autoptr (Desk) self = desk_new (GPOINTER_TO_INT (generation));

  device_behave (self->device, LIMIT, 0);
  desk_edit (self, 0, 150);
  desk_check (self);
  g_assert_true (desk_agrees (self, 100));
  desk_edit (self, 1, 160);
  desk_check (self);
  g_assert_true (desk_agrees (self, 100));
  desk_edit (self, 0, 170);
  desk_edit (self, 0, 180);
  desk_edit (self, 1, -5);
  desk_check (self);
  g_assert_true (desk_agrees (self, 0));
  device_behave (self->device, KEEP, 0);
  desk_edit (self, 0, 7);
  desk_check (self);
  g_assert_true (desk_agrees (self, 0));
}

/* A widget that has limits of its own shows what it can: nobody fights over the value. */
static void
test_clamping_widget (gconstpointer generation)
{
  g_autoptr (Desk) self = desk_new (GPOINTER_TO_INT (generation));

  self->widgets[1]->maximum = 50;
  desk_edit (self, 0, 80);
  desk_flush (self);
  test_wait_until (device_get (self->device) == 80 && desk_get (self) == 80);
  g_assert_cmpint (self->widgets[0]->rotation, ==, 80);
  g_assert_cmpint (self->widgets[1]->rotation, ==, 50);
  desk_check_sets (self);
  desk_edit (self, 1, 40);
  desk_check (self);
  g_assert_true (desk_agrees (self, 40));
}

static void
count_notify (GObject    *object,
              GParamSpec *pspec,
              gpointer    user_data)
{
  (*(guint *) user_data)++;
}

/* A slider is dragged over a device that takes its time. */
static void
test_dragged (gconstpointer generation)
{
  g_autoptr (Desk) self = desk_new (GPOINTER_TO_INT (generation));
  PlantRpcProperty *property = plant_rpc_client_lookup_property (self->client, "rotation");
  g_autoptr (GArray) sets = NULL;
  guint n_changes = 0;

  desk_flush (self);
  g_signal_connect (property, "notify::writable", G_CALLBACK (count_notify), &n_changes);
  g_signal_connect (self->client, "notify::state", G_CALLBACK (count_notify), &n_changes);
  device_behave (self->device, TAKE, 20);
  for (int finger = 1; finger <= 300; finger++)
    {
      desk_edit (self, 0, finger);
      test_iterate ();
      g_assert_true (desk_agrees (self, finger));
    }
  desk_check (self);
  g_assert_true (desk_agrees (self, 300));
  sets = device_list_sets (self->device);
  g_assert_cmpuint (self->device->n_most, <=, 1);
  g_assert_cmpuint (sets->len, <, 300);
  g_assert_cmpuint (self->n_failed, ==, 0);
  g_assert_cmpuint (n_changes, ==, 0);
}

static void
do_round (Desk *self)
{
  device_behave (self->device, g_test_rand_int_range (0, N_BEHAVIOURS),
                 g_test_rand_int_range (0, 3) * 10);
  for (guint n = g_test_rand_int_range (1, 5); n > 0; n--)
    {
      switch (g_test_rand_int_range (0, 5))
        {
        case 0:
          device_turn (self->device, g_test_rand_int_range (-3, 4) * 30);
          break;
        case 1:
          for (guint i = g_test_rand_int_range (1, 20); i > 0; i--)
            test_iterate ();
          break;
        default:
          desk_edit (self, g_test_rand_int_range (0, 2), g_test_rand_int_range (-3, 7) * 30);
          break;
        }
    }
  desk_check (self);
}

static void
test_random (gconstpointer generation)
{
  g_autoptr (Desk) self = desk_new (GPOINTER_TO_INT (generation));
  guint n_rounds = g_test_slow () ? 1000 : 60;

  for (guint i = 0; i < n_rounds; i++)
    do_round (self);
}

/* No device, no write: the widget goes back. */
static void
test_gone (gconstpointer generation)
{
  g_autoptr (Desk) self = desk_new (GPOINTER_TO_INT (generation));

  desk_edit (self, 0, 10);
  desk_check (self);
  g_clear_pointer (&self->device, device_free);
  test_wait_until (plant_rpc_client_get_state (self->client) != PLANT_RPC_STATE_READY &&
                   plant_rpc_client_get_state (self->client) != PLANT_RPC_STATE_MISMATCH);
  turn (self->widgets[0], 20);
  /* Not while its own setter runs: a binding would swallow that. */
  g_assert_cmpint (self->widgets[0]->rotation, ==, 20);
  g_assert_cmpint (self->widgets[1]->rotation, ==, 10);
  test_wait_until (desk_agrees (self, 10));
  test_wait_until (self->n_failed == 1);
}

static void
add (const char *name,
     void      (*func) (gconstpointer generation))
{
  static const char *const wires[] = { "native", "generation1", "generation2" };

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *path = g_strdup_printf ("/binding/%s/%s", wires[i], name);

      g_test_add_data_func (path, GINT_TO_POINTER (i), func);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("follows", test_follows);
  add ("refused", test_refused);
  add ("coerced", test_coerced);
  add ("clamping-widget", test_clamping_widget);
  add ("dragged", test_dragged);
  add ("random", test_random);
  add ("gone", test_gone);

  return g_test_run ();
}
