/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-test-property.h"

static void
test_states (void)
{
  g_autoptr (TestProperty) self =
      test_property_new ("{\"type\": \"i\", \"unit\": \"mm\", \"maximum\": 100}");

  assert_state (self, UNSET);
  assert_shown (self, "unset");
  g_assert_false (plant_rpc_property_get_writable (self->property));
  test_property_tell (self, 1);
  plant_rpc_property_set_live (self->property, TRUE);
  assert_state (self, CURRENT);
  g_assert_true (plant_rpc_property_get_writable (self->property));
  g_assert_cmpuint (test_property_take_notified (self), ==, 1);
  plant_rpc_property_set_live (self->property, FALSE);
  assert_state (self, STALE);
  assert_shown (self, "1");
  plant_rpc_property_set_live (self->property, TRUE);
  assert_state (self, CURRENT);
  test_property_write_int (self, 2);
  assert_state (self, PENDING);
  g_assert_cmpstr (plant_rpc_property_get_unit (self->property), ==, "mm");
  g_assert_cmpfloat (plant_rpc_property_get_maximum (self->property), ==, 100);
  g_assert_cmpfloat (plant_rpc_property_get_minimum (self->property), ==, -G_MAXDOUBLE);
}

/* What is null, or not there at all, is no limit. */
static void
test_limits (void)
{
  static const char *const forms[] = { "{\"type\": \"d\"}",
                                       "{\"type\": \"d\", \"minimum\": null, \"maximum\": null}" };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (TestProperty) self = test_property_new (forms[i]);

      g_assert_cmpfloat (plant_rpc_property_get_minimum (self->property), ==, -G_MAXDOUBLE);
      g_assert_cmpfloat (plant_rpc_property_get_maximum (self->property), ==, G_MAXDOUBLE);
    }
}

static void
test_not_live (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  plant_rpc_property_set_live (self->property, FALSE);
  test_property_take_notified (self);
  test_property_write_int (self, 20);
  g_assert_cmpuint (self->writes->len, ==, 0);
  g_assert_cmpuint (self->n_now, ==, 0);
  assert_shown (self, "10");
  g_assert_cmpuint (self->refusals->len, ==, 1);
  g_assert_error (plant_rpc_property_get_refusal (self->property), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_NOT_SENT);
  /* The widget that wrote goes back. */
  g_assert_cmpuint (test_property_take_notified (self), ==, 1);
}

static void
test_read_only (void)
{
  g_autoptr (TestProperty) self = test_property_new ("{\"type\": \"i\", \"access\": \"read\"}");

  /* Nothing about it has changed. */
  plant_rpc_property_set_live (self->property, TRUE);
  plant_rpc_property_set_live (self->property, FALSE);
  g_assert_cmpuint (self->n_dirty, ==, 0);
  test_property_tell (self, 1);
  plant_rpc_property_set_live (self->property, TRUE);
  g_assert_false (plant_rpc_property_get_writable (self->property));
  test_property_take_notified (self);
  test_property_write_int (self, 2);
  g_assert_error (plant_rpc_property_get_refusal (self->property), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_NOT_WRITABLE);
  assert_shown (self, "1");
  g_assert_cmpuint (test_property_take_notified (self), ==, 1);
}

static void
note_name (GObject    *object,
           GParamSpec *pspec,
           gpointer    user_data)
{
  g_ptr_array_add (user_data, (char *) pspec->name);
}

/* Of what the peer tells later only the name is kept from the client's type. */
static void
test_described (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();
  g_autoptr (PlantRpcInterfaceInfo) live = plant_rpc_interface_info_new_from_json (
      "{\"properties\": {\"angle\": {\"type\": \"i\", \"name\": \"turn\", \"access\": \"read\","
      " \"minimum\": 3, \"step\": 0.5, \"unit\": \"°\", \"description\": \"d\"}}}", NULL);
  static const char *const names[] = { "minimum", "maximum", "step", "unit", "description",
                                       "writable", "value" };
  g_autoptr (GPtrArray) notified = g_ptr_array_new ();

  g_signal_connect (self->property, "notify", G_CALLBACK (note_name), notified);
  g_assert_true (plant_rpc_property_get_writable (self->property));
  plant_rpc_property_describe (self->property,
                               plant_rpc_interface_info_find_property (live, "angle"));
  g_assert_cmpstr (plant_rpc_property_get_name (self->property), ==, "angle");
  g_assert_cmpstr (plant_rpc_property_get_unit (self->property), ==, "°");
  g_assert_cmpstr (plant_rpc_property_get_description (self->property), ==, "d");
  g_assert_cmpfloat (plant_rpc_property_get_minimum (self->property), ==, 3);
  g_assert_cmpfloat (plant_rpc_property_get_step (self->property), ==, 0.5);
  g_assert_false (plant_rpc_property_get_writable (self->property));
  /* A widget that could not show the value gets it once more, after the limits. */
  g_assert_cmpuint (test_property_take_notified (self), ==, 1);
  g_assert_cmpuint (notified->len, ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpstr (notified->pdata[i], ==, names[i]);
  plant_rpc_property_set_live (self->property, FALSE);
  assert_shown (self, "10");
  g_signal_handlers_disconnect_by_data (self->property, notified);
}

/* Limits that stay are no reason to notify the value. */
static void
test_same_limits (void)
{
  g_autoptr (TestProperty) self = test_property_new ("{\"type\": \"i\", \"minimum\": 3}");
  g_autoptr (PlantRpcInterfaceInfo) live = plant_rpc_interface_info_new_from_json (
      "{\"properties\": {\"angle\": {\"type\": \"i\", \"minimum\": 3, \"unit\": \"°\"}}}", NULL);

  test_property_tell (self, 5);
  test_property_take_notified (self);
  plant_rpc_property_describe (self->property,
                               plant_rpc_interface_info_find_property (live, "angle"));
  g_assert_cmpuint (test_property_take_notified (self), ==, 0);
}

static void
assert_refused (TestProperty *self,
                gboolean      refused)
{
  g_assert_true ((plant_rpc_property_get_refusal (self->property) != NULL) == refused);
  g_assert_true ((plant_rpc_property_get_message (self->property) != NULL) == refused);
}

static void
refuse_one (TestProperty *self)
{
  test_property_write_int (self, 99);
  test_property_settle (self, -1, "no");
  assert_refused (self, TRUE);
}

/* A refusal stays for the user to read, until it is out of date. */
static void
test_refusal_ends (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();
  g_autoptr (GPtrArray) notified = g_ptr_array_new ();

  refuse_one (self);
  test_property_tell (self, 10);
  plant_rpc_property_set_live (self->property, FALSE);
  assert_refused (self, TRUE);
  test_property_take_notified (self);
  g_signal_connect (self->property, "notify::message", G_CALLBACK (note_name), notified);
  plant_rpc_property_set_live (self->property, TRUE);
  assert_refused (self, FALSE);
  test_property_take_notified (self);
  g_assert_cmpuint (notified->len, ==, 1);
  refuse_one (self);
  test_property_tell (self, 11);
  assert_refused (self, FALSE);
  refuse_one (self);
  plant_rpc_property_forget_refusal (self->property);
  assert_refused (self, FALSE);
  g_signal_handlers_disconnect_by_data (self->property, notified);
}

/* A device that is there and lacks the property will not have it later. */
static void
test_lacking (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  plant_rpc_property_set_lacking (self->property, TRUE);
  plant_rpc_property_set_live (self->property, FALSE);
  test_property_write_int (self, 20);
  g_assert_error (plant_rpc_property_get_refusal (self->property), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_UNKNOWN_PROPERTY);
  plant_rpc_property_set_lacking (self->property, FALSE);
  test_property_write_int (self, 20);
  g_assert_error (plant_rpc_property_get_refusal (self->property), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_NOT_SENT);
}

/* All of it can be bound. */
static void
test_as_gobject (void)
{
  g_autoptr (TestProperty) self =
      test_property_new ("{\"type\": \"i\", \"name\": \"turn\", \"unit\": \"°\","
                         " \"description\": \"d\", \"minimum\": -5, \"maximum\": 9}");
  g_autofree char *name = NULL, *wire_name = NULL, *message = NULL, *unit = NULL, *text = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) refusal = NULL;
  PlantRpcPropertyState state;
  gboolean writable;
  double minimum, maximum;

  test_property_tell (self, 3);
  test_property_write_int (self, 4);
  g_object_get (self->property, "name", &name, "wire-name", &wire_name, "value", &value, "state",
                &state, "writable", &writable, "refusal", &refusal, "message", &message, "minimum",
                &minimum, "maximum", &maximum, "unit", &unit, "description", &text, NULL);
  g_assert_cmpstr (name, ==, "turn");
  g_assert_cmpstr (wire_name, ==, "angle");
  g_assert_cmpint (g_variant_get_int32 (value), ==, 3);
  g_assert_cmpint (state, ==, PLANT_RPC_PROPERTY_STATE_STALE);
  g_assert_false (writable);
  g_assert_error (refusal, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  g_assert_cmpstr (message, ==, refusal->message);
  g_assert_cmpfloat (minimum, ==, -5);
  g_assert_cmpfloat (maximum, ==, 9);
  g_assert_cmpstr (unit, ==, "°");
  g_assert_cmpstr (text, ==, "d");
}

static void
test_owner_gone (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 20);
  plant_rpc_property_detach (self->property);
  test_property_settle (self, -1, "closed");
  assert_shown (self, "10");
  assert_state (self, STALE);
  test_property_write_int (self, 30);
  g_assert_cmpuint (self->writes->len, ==, 1);
  g_assert_cmpuint (self->refusals->len, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/property/states", test_states);
  g_test_add_func ("/property/limits", test_limits);
  g_test_add_func ("/property/not-live", test_not_live);
  g_test_add_func ("/property/read-only", test_read_only);
  g_test_add_func ("/property/described", test_described);
  g_test_add_func ("/property/same-limits", test_same_limits);
  g_test_add_func ("/property/refusal-ends", test_refusal_ends);
  g_test_add_func ("/property/lacking", test_lacking);
  g_test_add_func ("/property/as-gobject", test_as_gobject);
  g_test_add_func ("/property/owner-gone", test_owner_gone);

  return g_test_run ();
}
