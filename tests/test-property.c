/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <math.h>

#include "plant-rpc-error.h"
#include "plant-rpc-property-private.h"
#include "plant-rpc-runtime-type-private.h"

/* An owner that keeps what it is told, and notifies when the test says so. */
typedef struct {
  PlantRpcInterfaceInfo *info;     /* (owned) */
  PlantRpcProperty      *property; /* (owned) */
  GPtrArray             *writes;   /* (owned) (element-type utf8) */
  GPtrArray             *refusals; /* (owned) (element-type utf8): and the value at that time */
  guint                  n_reads;
  guint                  n_dirty;
  guint                  n_now;
  guint                  n_value;  /* notifications of it */
  gboolean               fail;     /* writes end at once */
} Owner;

static char *
print_shown (PlantRpcProperty *property)
{
  g_autoptr (GVariant) value = plant_rpc_property_dup_value (property);

  return value != NULL ? g_variant_print (value, FALSE) : g_strdup ("unset");
}

static void
on_dirty (gpointer          owner,
          PlantRpcProperty *property,
          gboolean          now)
{
  Owner *self = owner;

  self->n_dirty++;
  self->n_now += now;
  if (now)
    plant_rpc_property_notify (property, G_OBJECT (property), NULL);
}

static void
on_write (gpointer          owner,
          PlantRpcProperty *property,
          GVariant         *value)
{
  Owner *self = owner;
  g_autoptr (GError) error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT, "large");

  g_ptr_array_add (self->writes, g_variant_print (value, FALSE));
  if (self->fail)
    plant_rpc_property_settle (property, NULL, error);
}

static void
on_reread (gpointer          owner,
           PlantRpcProperty *property)
{
  ((Owner *) owner)->n_reads++;
}

static void
on_refused (gpointer          owner,
            PlantRpcProperty *property,
            const GError     *error)
{
  g_autofree char *shown = print_shown (property);

  g_ptr_array_add (((Owner *) owner)->refusals,
                   g_strdup_printf ("%s at %s", error->message, shown));
}

static const PlantRpcPropertyFuncs funcs = { on_dirty, on_write, on_reread, on_refused };

static void
count_value (GObject    *object,
             GParamSpec *pspec,
             gpointer    user_data)
{
  ((Owner *) user_data)->n_value++;
}

static Owner *
owner_new (const char *form)
{
  Owner *self = g_new0 (Owner, 1);
  g_autofree char *json = g_strdup_printf ("{\"properties\": {\"angle\": %s}}", form);
  g_autoptr (GError) error = NULL;
  PlantRpcPropertyInfo *info;

  self->info = plant_rpc_interface_info_new_from_json (json, &error);
  g_assert_no_error (error);
  info = plant_rpc_interface_info_find_property (self->info, "angle");
  self->property = plant_rpc_property_new (info, plant_rpc_runtime_type_of_property (info), &funcs,
                                           self);
  self->writes = g_ptr_array_new_with_free_func (g_free);
  self->refusals = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (self->property, "notify::value", G_CALLBACK (count_value), self);
  return self;
}

static void
owner_free (Owner *self)
{
  plant_rpc_property_detach (self->property);
  g_assert_finalize_object (self->property);
  g_ptr_array_unref (self->writes);
  g_ptr_array_unref (self->refusals);
  plant_rpc_interface_info_unref (self->info);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Owner, owner_free)

static void
tell (Owner *self,
      int    number)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_int32 (number));
  g_autoptr (GError) error = NULL;

  plant_rpc_property_told (self->property, value, &error);
  g_assert_no_error (error);
}

/* One that is ready, shows 10, and has nothing left to notify. */
static Owner *
owner_new_live (void)
{
  Owner *self = owner_new ("{\"type\": \"i\"}");

  tell (self, 10);
  plant_rpc_property_set_live (self->property, TRUE);
  plant_rpc_property_notify (self->property, G_OBJECT (self->property), NULL);
  self->n_dirty = self->n_now = self->n_value = 0;
  return self;
}

static void
write_int (Owner *self,
           int    number)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, number);
  plant_rpc_property_write (self->property, &value);
}

static void
settle (Owner      *self,
        int         number,
        const char *refusal)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  if (number >= 0)
    value = g_variant_ref_sink (g_variant_new_int32 (number));
  if (refusal != NULL)
    error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE, refusal);
  plant_rpc_property_settle (self->property, value, error);
}

static void
settle_read (Owner *self,
             int    number)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_int32 (number));

  plant_rpc_property_settle_read (self->property, value);
}

#define assert_shown(self, expected)                               \
  G_STMT_START                                                     \
    {                                                              \
      g_autofree char *test_shown = print_shown ((self)->property); \
                                                                   \
      g_assert_cmpstr (test_shown, ==, expected);                  \
    }                                                              \
  G_STMT_END

#define assert_state(self, expected)                                                  \
  g_assert_cmpint (plant_rpc_property_get_state ((self)->property), ==,               \
                   PLANT_RPC_PROPERTY_STATE_##expected)

/* What waits is notified, and how often the value was is told. */
static guint
take_notified (Owner *self)
{
  guint n;

  plant_rpc_property_notify (self->property, G_OBJECT (self->property), NULL);
  n = self->n_value;
  self->n_value = 0;
  return n;
}

static void
test_states (void)
{
  g_autoptr (Owner) self = owner_new ("{\"type\": \"i\", \"unit\": \"mm\", \"maximum\": 100}");

  assert_state (self, UNSET);
  assert_shown (self, "unset");
  g_assert_false (plant_rpc_property_get_writable (self->property));
  tell (self, 1);
  plant_rpc_property_set_live (self->property, TRUE);
  assert_state (self, CURRENT);
  g_assert_true (plant_rpc_property_get_writable (self->property));
  g_assert_cmpuint (take_notified (self), ==, 1);
  plant_rpc_property_set_live (self->property, FALSE);
  assert_state (self, STALE);
  assert_shown (self, "1");
  plant_rpc_property_set_live (self->property, TRUE);
  assert_state (self, CURRENT);
  write_int (self, 2);
  assert_state (self, PENDING);
  g_assert_cmpstr (plant_rpc_property_get_unit (self->property), ==, "mm");
  g_assert_cmpfloat (plant_rpc_property_get_maximum (self->property), ==, 100);
  g_assert_cmpfloat (plant_rpc_property_get_minimum (self->property), ==, -G_MAXDOUBLE);
}

/* What is no number, or none at all, is no limit. */
static void
test_limits (void)
{
  static const char *const forms[] = { "{\"type\": \"d\"}",
                                       "{\"type\": \"d\", \"minimum\": NaN, \"maximum\": NaN}" };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (Owner) self = owner_new (forms[i]);

      g_assert_cmpfloat (plant_rpc_property_get_minimum (self->property), ==, -G_MAXDOUBLE);
      g_assert_cmpfloat (plant_rpc_property_get_maximum (self->property), ==, G_MAXDOUBLE);
    }
}

static void
test_told (void)
{
  g_autoptr (Owner) self = owner_new_live ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) wrong = g_variant_ref_sink (g_variant_new_string ("11"));

  tell (self, 10);
  g_assert_cmpuint (self->n_dirty, ==, 0);
  tell (self, 11);
  g_assert_cmpuint (take_notified (self), ==, 1);
  g_assert_false (plant_rpc_property_told (self->property, wrong, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE);
  g_assert_nonnull (strstr (error->message, "angle"));
  assert_shown (self, "11");
  g_assert_cmpuint (take_notified (self), ==, 0);
  /* It is not known any better once the device is ready again. */
  assert_state (self, STALE);
  plant_rpc_property_set_live (self->property, FALSE);
  plant_rpc_property_set_live (self->property, TRUE);
  assert_state (self, STALE);
  tell (self, 11);
  assert_state (self, CURRENT);
}

/* A GVariant that is said to be a pair of integers is one, whatever JSON makes of it. */
static void
test_told_variant (void)
{
  g_autoptr (Owner) self = owner_new ("{\"type\": \"(ii)\"}");
  g_autoptr (GVariant) list = g_variant_ref_sink (g_variant_new_parsed ("[<int64 1>, <int64 2>]"));
  g_autoptr (GVariant) three = g_variant_ref_sink (g_variant_new_parsed ("[<1>, <2>, <3>]"));
  g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new_parsed ("@mv nothing"));

  g_assert_true (plant_rpc_property_told (self->property, list, NULL));
  assert_shown (self, "(1, 2)");
  g_assert_false (plant_rpc_property_told (self->property, three, NULL));
  assert_shown (self, "(1, 2)");
  g_assert_true (plant_rpc_property_told (self->property, nothing, NULL));
  assert_shown (self, "nothing");
}

static void
write_double (Owner  *self,
              double  number)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, number);
  plant_rpc_property_write (self->property, &value);
}

/* A device that tells a number without a fraction may take no other. */
static void
test_write_integral (void)
{
  g_autoptr (Owner) self = owner_new ("{\"type\": \"d\"}");
  g_autoptr (GVariant) whole = g_variant_ref_sink (g_variant_new_parsed ("<int64 90>"));
  g_autoptr (GVariant) broken = g_variant_ref_sink (g_variant_new_parsed ("<90.0>"));
  const char *expected[] = { "45", "45.5", "1e+20", "1e+17", "-1e+17", "9007199254740992", "nan",
                             "46.0" };

  plant_rpc_property_set_live (self->property, TRUE);
  g_assert_true (plant_rpc_property_told (self->property, whole, NULL));
  write_double (self, 45);
  write_double (self, 45.5);
  write_double (self, 1e20);
  /* Above 2^53 a double cannot hold every integer, so the value is sent as a double. */
  write_double (self, 1e17);
  write_double (self, -1e17);
  write_double (self, 9007199254740992.0);
  write_double (self, NAN);
  g_assert_true (plant_rpc_property_told (self->property, broken, NULL));
  write_double (self, 46);

  g_assert_cmpuint (self->writes->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (self->writes->pdata[i], ==, expected[i]);
}

static void
test_write_confirmed (void)
{
  g_autoptr (Owner) self = owner_new_live ();

  write_int (self, 20);
  g_assert_cmpuint (self->n_now, ==, 1);
  g_assert_cmpuint (self->n_value, ==, 1);
  assert_shown (self, "20");
  settle (self, 20, NULL);
  assert_state (self, CURRENT);
  g_assert_cmpuint (self->n_reads, ==, 0);
  g_assert_cmpuint (self->n_now, ==, 1);
  /* Equal, and notified all the same: a widget may have been clamped. */
  g_assert_cmpuint (take_notified (self), ==, 2);
  g_assert_cmpuint (self->refusals->len, ==, 0);
}

static void
test_equal_writes (void)
{
  g_autoptr (Owner) self = owner_new_live ();

  write_int (self, 10);
  g_assert_cmpuint (self->writes->len, ==, 0);
  write_int (self, 20);
  write_int (self, 20);
  g_assert_cmpuint (self->writes->len, ==, 1);
  write_int (self, 10);
  g_assert_cmpuint (self->writes->len, ==, 2);
  settle (self, 20, NULL);
  assert_shown (self, "10");
  write_int (self, 10);
  g_assert_cmpuint (self->writes->len, ==, 2);
  settle (self, 10, NULL);
  assert_state (self, CURRENT);
}

static void
test_refused (void)
{
  g_autoptr (Owner) self = owner_new_live ();

  write_int (self, 20);
  settle (self, -1, "no");
  assert_shown (self, "10");
  assert_state (self, CURRENT);
  g_assert_cmpuint (self->n_reads, ==, 0);
  g_assert_cmpuint (self->refusals->len, ==, 1);
  /* By then the value is back. */
  g_assert_cmpstr (self->refusals->pdata[0], ==, "no at 10");
  g_assert_cmpstr (plant_rpc_property_get_message (self->property), ==, "no");
  g_assert_cmpuint (take_notified (self), ==, 2);
  write_int (self, 30);
  g_assert_null (plant_rpc_property_get_message (self->property));
  g_assert_null (plant_rpc_property_get_refusal (self->property));
  settle (self, 30, NULL);
}

/* Back to the device's value, not to that of a write before. */
static void
test_two_refused (void)
{
  g_autoptr (Owner) self = owner_new_live ();

  write_int (self, 20);
  write_int (self, 30);
  take_notified (self);
  settle (self, -1, "first");
  assert_shown (self, "30");
  assert_state (self, PENDING);
  g_assert_cmpstr (self->refusals->pdata[0], ==, "first at 30");
  g_assert_cmpuint (take_notified (self), ==, 0);
  tell (self, 15);
  assert_shown (self, "30");
  settle (self, -1, "second");
  assert_shown (self, "15");
  g_assert_cmpstr (self->refusals->pdata[1], ==, "second at 15");
  g_assert_cmpuint (take_notified (self), ==, 1);
}

/* A peer that confirms without a value is asked, once, after the last write. */
static void
test_reread (void)
{
  g_autoptr (Owner) self = owner_new_live ();

  write_int (self, 20);
  write_int (self, 30);
  settle (self, -1, NULL);
  g_assert_cmpuint (self->n_reads, ==, 0);
  settle (self, -1, NULL);
  g_assert_cmpuint (self->n_reads, ==, 1);
  assert_state (self, PENDING);
  take_notified (self);
  settle_read (self, 29);
  assert_shown (self, "29");
  assert_state (self, CURRENT);
  g_assert_cmpuint (take_notified (self), ==, 1);

  /* The old value was kept in silence. */
  write_int (self, 40);
  take_notified (self);
  settle (self, -1, NULL);
  settle_read (self, 29);
  assert_shown (self, "29");
  g_assert_cmpuint (take_notified (self), ==, 1);

  /* It could not be read. */
  write_int (self, 50);
  settle (self, -1, NULL);
  plant_rpc_property_settle_read (self->property, NULL);
  assert_shown (self, "29");
  assert_state (self, CURRENT);
}

static void
test_confirmed_then_refused (void)
{
  g_autoptr (Owner) self = owner_new_live ();

  write_int (self, 20);
  write_int (self, 30);
  settle (self, -1, NULL);
  settle (self, -1, "no");
  g_assert_cmpuint (self->n_reads, ==, 1);
  g_assert_cmpuint (self->refusals->len, ==, 0);
  settle_read (self, 20);
  assert_shown (self, "20");
  g_assert_cmpuint (self->refusals->len, ==, 1);
  g_assert_cmpstr (self->refusals->pdata[0], ==, "no at 20");
}

static void
test_write_during_read (void)
{
  g_autoptr (Owner) self = owner_new_live ();

  write_int (self, 20);
  settle (self, -1, NULL);
  write_int (self, 30);
  settle_read (self, 20);
  assert_shown (self, "30");
  assert_state (self, PENDING);
  settle (self, -1, NULL);
  g_assert_cmpuint (self->n_reads, ==, 2);
  settle_read (self, 30);
  assert_state (self, CURRENT);
  g_assert_false (plant_rpc_property_is_pending (self->property));
}

/* Over two connections it is not known which is newer, the change told or the value read. */
static void
test_read_overtaken (void)
{
  g_autoptr (Owner) self = owner_new_live ();

  write_int (self, 20);
  settle (self, -1, NULL);
  tell (self, 21);
  settle_read (self, 20);
  g_assert_cmpuint (self->n_reads, ==, 2);
  assert_shown (self, "20");
  settle_read (self, 21);
  assert_shown (self, "21");
  assert_state (self, CURRENT);

  /* One that changes all the time is not asked for ever. */
  write_int (self, 30);
  settle (self, -1, NULL);
  for (guint i = 0; i < 3; i++)
    {
      tell (self, 40 + i);
      settle_read (self, 50);
    }
  g_assert_cmpuint (self->n_reads, ==, 5);
  assert_shown (self, "42");
  assert_state (self, CURRENT);
}

static void
test_not_live (void)
{
  g_autoptr (Owner) self = owner_new_live ();

  plant_rpc_property_set_live (self->property, FALSE);
  take_notified (self);
  write_int (self, 20);
  g_assert_cmpuint (self->writes->len, ==, 0);
  g_assert_cmpuint (self->n_now, ==, 0);
  assert_shown (self, "10");
  g_assert_cmpuint (self->refusals->len, ==, 1);
  g_assert_error (plant_rpc_property_get_refusal (self->property), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_NOT_SENT);
  /* The widget that wrote goes back. */
  g_assert_cmpuint (take_notified (self), ==, 1);
}

static void
test_read_only (void)
{
  g_autoptr (Owner) self = owner_new ("{\"type\": \"i\", \"access\": \"read\"}");

  /* Nothing about it has changed. */
  plant_rpc_property_set_live (self->property, TRUE);
  plant_rpc_property_set_live (self->property, FALSE);
  g_assert_cmpuint (self->n_dirty, ==, 0);
  tell (self, 1);
  plant_rpc_property_set_live (self->property, TRUE);
  g_assert_false (plant_rpc_property_get_writable (self->property));
  take_notified (self);
  write_int (self, 2);
  g_assert_error (plant_rpc_property_get_refusal (self->property), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_NOT_WRITABLE);
  assert_shown (self, "1");
  g_assert_cmpuint (take_notified (self), ==, 1);
}

/* Nothing goes back while the setter is on the stack. */
static void
test_fails_at_once (void)
{
  g_autoptr (Owner) self = owner_new_live ();

  self->fail = TRUE;
  write_int (self, 20);
  g_assert_cmpuint (self->n_now, ==, 0);
  g_assert_cmpuint (self->n_value, ==, 0);
  assert_shown (self, "10");
  g_assert_cmpuint (take_notified (self), ==, 1);
  g_assert_cmpuint (self->refusals->len, ==, 1);
}

static void
test_lost_while_pending (void)
{
  g_autoptr (Owner) self = owner_new_live ();

  write_int (self, 20);
  plant_rpc_property_set_live (self->property, FALSE);
  assert_state (self, PENDING);
  settle (self, -1, "lost");
  g_assert_cmpuint (self->n_reads, ==, 0);
  assert_shown (self, "10");
  assert_state (self, STALE);
  g_assert_false (plant_rpc_property_is_pending (self->property));
}

/* It can be written only. */
static void
test_never_told (void)
{
  g_autoptr (Owner) self = owner_new ("{\"type\": \"i\", \"access\": \"write\"}");

  plant_rpc_property_set_live (self->property, TRUE);
  write_int (self, 5);
  settle (self, -1, NULL);
  plant_rpc_property_settle_read (self->property, NULL);
  assert_shown (self, "5");
  write_int (self, 6);
  settle (self, -1, "no");
  assert_shown (self, "unset");
  assert_state (self, UNSET);
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
  g_autoptr (Owner) self = owner_new_live ();
  g_autoptr (PlantRpcInterfaceInfo) live = plant_rpc_interface_info_new_from_json (
      "{\"properties\": {\"angle\": {\"type\": \"i\", \"name\": \"turn\", \"access\": \"read\","
      " \"minimum\": 3, \"unit\": \"°\", \"description\": \"d\"}}}", NULL);
  static const char *const names[] = { "writable", "minimum", "maximum", "unit", "description" };
  g_autoptr (GPtrArray) notified = g_ptr_array_new ();

  g_signal_connect (self->property, "notify", G_CALLBACK (note_name), notified);
  g_assert_true (plant_rpc_property_get_writable (self->property));
  plant_rpc_property_describe (self->property,
                               plant_rpc_interface_info_find_property (live, "angle"));
  g_assert_cmpstr (plant_rpc_property_get_name (self->property), ==, "angle");
  g_assert_cmpstr (plant_rpc_property_get_unit (self->property), ==, "°");
  g_assert_cmpstr (plant_rpc_property_get_description (self->property), ==, "d");
  g_assert_cmpfloat (plant_rpc_property_get_minimum (self->property), ==, 3);
  g_assert_false (plant_rpc_property_get_writable (self->property));
  g_assert_cmpuint (take_notified (self), ==, 0);
  g_assert_cmpuint (notified->len, ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (g_ptr_array_find_with_equal_func (notified, names[i], g_str_equal, NULL));
  plant_rpc_property_set_live (self->property, FALSE);
  assert_shown (self, "10");
  g_signal_handlers_disconnect_by_data (self->property, notified);
}

/* All of it can be bound. */
static void
test_as_gobject (void)
{
  g_autoptr (Owner) self = owner_new ("{\"type\": \"i\", \"name\": \"turn\", \"unit\": \"°\","
                                     " \"description\": \"d\", \"minimum\": -5, \"maximum\": 9}");
  g_autofree char *name = NULL, *wire_name = NULL, *message = NULL, *unit = NULL, *text = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) refusal = NULL;
  PlantRpcPropertyState state;
  gboolean writable;
  double minimum, maximum;

  tell (self, 3);
  write_int (self, 4);
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
  g_autoptr (Owner) self = owner_new_live ();

  write_int (self, 20);
  plant_rpc_property_detach (self->property);
  settle (self, -1, "closed");
  assert_shown (self, "10");
  assert_state (self, STALE);
  write_int (self, 30);
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
  g_test_add_func ("/property/told", test_told);
  g_test_add_func ("/property/told-variant", test_told_variant);
  g_test_add_func ("/property/write-integral", test_write_integral);
  g_test_add_func ("/property/write-confirmed", test_write_confirmed);
  g_test_add_func ("/property/equal-writes", test_equal_writes);
  g_test_add_func ("/property/refused", test_refused);
  g_test_add_func ("/property/two-refused", test_two_refused);
  g_test_add_func ("/property/reread", test_reread);
  g_test_add_func ("/property/confirmed-then-refused", test_confirmed_then_refused);
  g_test_add_func ("/property/write-during-read", test_write_during_read);
  g_test_add_func ("/property/read-overtaken", test_read_overtaken);
  g_test_add_func ("/property/not-live", test_not_live);
  g_test_add_func ("/property/read-only", test_read_only);
  g_test_add_func ("/property/fails-at-once", test_fails_at_once);
  g_test_add_func ("/property/lost-while-pending", test_lost_while_pending);
  g_test_add_func ("/property/never-told", test_never_told);
  g_test_add_func ("/property/described", test_described);
  g_test_add_func ("/property/as-gobject", test_as_gobject);
  g_test_add_func ("/property/owner-gone", test_owner_gone);

  return g_test_run ();
}
