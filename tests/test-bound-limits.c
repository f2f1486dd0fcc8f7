/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-test-recorder.h"

/* ---- a widget with limits, which shows a value outside of them as the nearest one inside */

#define TEST_TYPE_RANGE (test_range_get_type ())
G_DECLARE_FINAL_TYPE (TestRange, test_range, TEST, RANGE, GObject)

typedef enum { PROP_MINIMUM = 1, PROP_MAXIMUM, PROP_VALUE } TestRangeProperty;

struct _TestRange {
  GObject parent_instance;

  double  minimum;
  double  maximum;
  int     value;
};

G_DEFINE_FINAL_TYPE (TestRange, test_range, G_TYPE_OBJECT)

static void
test_range_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  TestRange *self = TEST_RANGE (object);

  if (prop_id == PROP_VALUE)
    g_value_set_int (value, self->value);
  else
    g_value_set_double (value, prop_id == PROP_MINIMUM ? self->minimum : self->maximum);
}

static void
test_range_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  TestRange *self = TEST_RANGE (object);

  if (prop_id == PROP_MINIMUM)
    self->minimum = g_value_get_double (value);
  else if (prop_id == PROP_MAXIMUM)
    self->maximum = g_value_get_double (value);
  else
    self->value = MAX (self->minimum, MIN (self->maximum, g_value_get_int (value)));
}

static void
test_range_class_init (TestRangeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = test_range_get_property;
  object_class->set_property = test_range_set_property;
  g_object_class_install_property (object_class, PROP_MINIMUM,
                                   g_param_spec_double ("minimum", NULL, NULL, -G_MAXDOUBLE,
                                                        G_MAXDOUBLE, 0, flags));
  g_object_class_install_property (object_class, PROP_MAXIMUM,
                                   g_param_spec_double ("maximum", NULL, NULL, -G_MAXDOUBLE,
                                                        G_MAXDOUBLE, 0, flags));
  g_object_class_install_property (object_class, PROP_VALUE,
                                   g_param_spec_int ("value", NULL, NULL, G_MININT, G_MAXINT, 0,
                                                     flags));
}

static void
test_range_init (TestRange *self)
{
}

/* ---- a device whose limits change when it restarts */

static const struct {
  int minimum;
  int maximum;
  int level;
} offers[] = { { 0, 10, 5 }, { 50, 100, 80 }, { 60, 80, 80 }, { -20, -10, -15 }, { 0, 10, 10 } };

static void
greet (TestDevice *device,
       guint       index)
{
  g_autofree char *interface = g_strdup_printf (
      "{\"properties\": {\"level\": {\"type\": \"i\", \"minimum\": %d, \"maximum\": %d}}}",
      offers[index].minimum, offers[index].maximum);
  g_autofree char *values = g_strdup_printf ("{'level': <%d>}", offers[index].level);

  test_device_greet_with (device, interface, values);
}

static PlantRpcClient *
client_new (TestDevice *device)
{
  g_autoptr (PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_from_json (
      "{\"properties\": {\"level\": {\"type\": \"i\"}}}", NULL);
  GType type = plant_rpc_client_type_for_interface (info, NULL);

  return g_object_new (type, "url", test_device_get_url (device), "heartbeat-interval", 0, NULL);
}

static void
count_failure (guint *n)
{
  (*n)++;
}

/* Binds one of the three. The order of the bindings must not matter. */
static void
bind_to (PlantRpcClient *client,
         TestRange      *range,
         char            which)
{
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");

  switch (which)
    {
    case 'l':
      g_object_bind_property (level, "minimum", range, "minimum", G_BINDING_SYNC_CREATE);
      break;
    case 'u':
      g_object_bind_property (level, "maximum", range, "maximum", G_BINDING_SYNC_CREATE);
      break;
    default:
      g_object_bind_property (client, "level", range, "value",
                              G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
      break;
    }
}

static void
test_orders (gconstpointer order)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = client_new (device);
  g_autoptr (TestRange) range = g_object_new (TEST_TYPE_RANGE, NULL);
  guint n_failed = 0;

  g_signal_connect_swapped (client, "write-failed", G_CALLBACK (count_failure), &n_failed);
  for (const char *which = order; *which != '\0'; which++)
    bind_to (client, range, *which);
  for (guint i = 0; i < G_N_ELEMENTS (offers); i++)
    {
      if (i > 0)
        test_device_restart (&device);
      greet (device, i);
      test_client_wait_state (client, PLANT_RPC_STATE_READY);
      test_run_pending ();
      g_assert_cmpfloat (range->minimum, ==, offers[i].minimum);
      g_assert_cmpfloat (range->maximum, ==, offers[i].maximum);
      g_assert_cmpint (range->value, ==, offers[i].level);
      /* Nothing is written without a user's hand. */
      g_assert_true (test_device_is_idle (device));
    }
  g_assert_cmpuint (n_failed, ==, 0);
  g_clear_object (&client);
}

/* ---- the order of the notifications */

static void
note (GObject    *object,
      GParamSpec *pspec,
      gpointer    told)
{
  g_string_append_printf (told, "%s ", pspec->name);
}

/* What belongs to the value is notified before it, in one go. */
static void
test_told_order (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = client_new (device);
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");
  g_autoptr (GString) told = g_string_new (NULL);

  g_signal_connect (client, "notify::level", G_CALLBACK (note), told);
  g_signal_connect (client, "notify::ready", G_CALLBACK (note), told);
  g_signal_connect (level, "notify", G_CALLBACK (note), told);
  greet (device, 0);
  test_wait_until (g_str_has_suffix (told->str, "ready "));
  test_run_pending ();
  g_assert_cmpstr (told->str, ==, "minimum maximum step unit description writable state value "
                                  "level ready ");
  test_device_restart (&device);
  test_wait_until (strstr (told->str, "ready writable state ready ") != NULL ||
                   strstr (told->str, "ready ready ") != NULL);
  g_string_truncate (told, 0);
  greet (device, 2);
  test_wait_until (g_str_has_suffix (told->str, "ready "));
  g_assert_nonnull (strstr (told->str, "minimum maximum step unit description writable state value "
                                       "level ready "));
}

int
main (int   argc,
      char *argv[])
{
  static const char *const orders[] = { "luv", "ulv", "lvu", "uvl", "vlu", "vul" };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autofree char *path = g_strdup_printf ("/bound-limits/%s", orders[i]);

      g_test_add_data_func (path, orders[i], test_orders);
    }
  g_test_add_func ("/bound-limits/told-order", test_told_order);

  return g_test_run ();
}
