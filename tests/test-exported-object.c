/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "devices/gauge.h"
#include "plant-rpc-error.h"
#include "plant-rpc-exported-object-private.h"

/* ---- an object whose signal causes another one */

#define TEST_TYPE_BELL (test_bell_get_type ())
G_DECLARE_FINAL_TYPE (TestBell, test_bell, TEST, BELL, GObject)

struct _TestBell {
  GObject parent_instance;
};

G_DEFINE_FINAL_TYPE (TestBell, test_bell, G_TYPE_OBJECT)

static void
on_rung (TestBell *self)
{
  g_signal_emit_by_name (self, "echoed");
}

static void
test_bell_class_init (TestBellClass *klass)
{
  g_signal_new_class_handler ("rung", TEST_TYPE_BELL, G_SIGNAL_RUN_LAST, G_CALLBACK (on_rung), NULL,
                              NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("echoed", TEST_TYPE_BELL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
test_bell_init (TestBell *self)
{
}

/* ---- what is told of an object */

typedef struct {
  GObject                *object;    /* (owned) */
  PlantRpcHandover       *handover;  /* (owned) */
  PlantRpcInterfaceInfo  *interface; /* (owned) */
  PlantRpcExportedObject *exported;  /* (owned) (nullable) */
  GString                *told;      /* (owned): names */
} Fixture;

static void
on_emitted (gpointer                owner,
            const PlantRpcEmission *emission)
{
  Fixture *self = owner;

  g_string_append_printf (self->told, "%s ", emission->name);
}

static void
on_changed (gpointer              owner,
            PlantRpcPropertyInfo *property)
{
  Fixture *self = owner;

  g_string_append_printf (self->told, "=%s ", property->name);
}

static const PlantRpcExportedObjectFuncs funcs = { .emitted = on_emitted, .changed = on_changed };

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  static const char *const nothing[] = { NULL };
  g_autoptr (GPtrArray) methods = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  self->object = data != NULL ? g_object_new (TEST_TYPE_BELL, NULL) : G_OBJECT (test_gauge_new ());
  self->handover = plant_rpc_handover_new (g_main_context_default ());
  self->interface = plant_rpc_interface_info_new_for_export (
      G_OBJECT_TYPE (self->object), G_TYPE_OBJECT, nothing, methods, &error);
  g_assert_no_error (error);
  self->exported = plant_rpc_exported_object_new (self->object, self->interface, self->handover,
                                                  &funcs, self);
  self->told = g_string_new (NULL);
}

static void
close_it (Fixture *self)
{
  g_clear_pointer (&self->exported, plant_rpc_exported_object_close);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  close_it (self);
  plant_rpc_interface_info_unref (self->interface);
  plant_rpc_handover_unref (self->handover);
  g_assert_finalize_object (self->object);
  g_string_free (self->told, TRUE);
}

static void
assert_told (Fixture    *self,
             const char *names)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpstr (self->told->str, ==, names);
  g_string_truncate (self->told, 0);
}

/* Something of each kind, of which two cannot be told. */
static gpointer
stir (gpointer object)
{
  TestGauge *gauge = object;

  test_gauge_set_level (gauge, test_gauge_get_level (gauge) + 5);
  test_gauge_measure (gauge, 1, "\xff");
  test_gauge_measure (gauge, 1, "V");
  g_object_set (gauge, "secret", "x", NULL);
  test_gauge_switch (gauge, TEST_GAUGE_MODE_ON);
  test_gauge_ping (gauge);
  return NULL;
}

static void
stir_elsewhere (Fixture *self)
{
  g_thread_join (g_thread_new ("stir", stir, self->object));
}

/* ---- tests */

static void
test_here (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_exported_object_set_heard (self->exported, TRUE);
  stir (self->object);
  assert_told (self, "=level measured modeChanged pinged ");
}

static void
test_elsewhere (Fixture       *self,
                gconstpointer  data)
{
  plant_rpc_exported_object_set_heard (self->exported, TRUE);
  stir_elsewhere (self);
  g_assert_cmpstr (self->told->str, ==, "");
  assert_told (self, "=level measured modeChanged pinged ");
}

static void
test_unheard (Fixture       *self,
              gconstpointer  data)
{
  stir (self->object);
  stir_elsewhere (self);
  assert_told (self, "");
  plant_rpc_exported_object_set_heard (self->exported, TRUE);
  plant_rpc_exported_object_set_heard (self->exported, FALSE);
  stir (self->object);
  stir_elsewhere (self);
  assert_told (self, "");
}

/* What is on its way from another thread when it is closed is told no more. */
static void
test_closed (Fixture       *self,
             gconstpointer  data)
{
  const guint notify = g_signal_lookup ("notify", G_TYPE_OBJECT);
  const guint pinged = g_signal_lookup ("pinged", TEST_TYPE_GAUGE);

  plant_rpc_exported_object_set_heard (self->exported, TRUE);
  g_assert_true (g_signal_has_handler_pending (self->object, notify, 0, FALSE));
  g_assert_true (g_signal_has_handler_pending (self->object, pinged, 0, FALSE));
  stir_elsewhere (self);
  close_it (self);
  g_assert_false (g_signal_has_handler_pending (self->object, notify, 0, FALSE));
  g_assert_false (g_signal_has_handler_pending (self->object, pinged, 0, FALSE));
  stir (self->object);
  assert_told (self, "");
}

/* A signal is told before those that its own handler in the class emits. */
static void
test_order (Fixture       *self,
            gconstpointer  data)
{
  plant_rpc_exported_object_set_heard (self->exported, TRUE);
  g_signal_emit_by_name (self->object, "rung");
  assert_told (self, "rung echoed ");
}

/* A value becomes that of the property's type before anybody decides about it. */
static void
test_check (Fixture       *self,
            gconstpointer  data)
{
  static const struct {
    const char *name;
    const char *value;
    const char *checked; /* NULL: it is refused */
    int         code;
  } cases[] = {
    { "level", "@x 40", "40", 0 },
    { "level", "101", NULL, PLANT_RPC_ERROR_INVALID_VALUE },
    { "mode", "'on'", "'on'", 0 },
    { "tags", "[<'a'>]", "['a']", 0 },
    { "tags", "[<1>]", NULL, PLANT_RPC_ERROR_INVALID_VALUE },
    { "serial", "'x'", NULL, PLANT_RPC_ERROR_NOT_WRITABLE },
    { "model", "'x'", NULL, PLANT_RPC_ERROR_NOT_WRITABLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PlantRpcPropertyInfo *property =
          plant_rpc_interface_info_find_property (self->interface, cases[i].name);
      g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (cases[i].value));
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) checked =
          plant_rpc_exported_object_check (self->exported, property, value, &error);
      g_autofree char *text = checked != NULL ? g_variant_print (checked, FALSE) : NULL;

      g_assert_cmpstr (text, ==, cases[i].checked);
      if (cases[i].checked == NULL)
        g_assert_error (error, PLANT_RPC_ERROR, cases[i].code);
    }
}

/* What the owner gives for a property becomes a value of the property's type, or an error. */
static void
test_fit (Fixture       *self,
          gconstpointer  data)
{
  static const struct {
    const char *name;
    const char *value; /* NULL: nothing */
    const char *fitted; /* NULL: it is refused */
  } cases[] = {
    { "level", "@x 40", "40" },
    { "level", "2.5", NULL },
    { "level", NULL, NULL },
    { "level", "'40'", NULL },
    { "mode", "'on'", "'on'" },
    { "mode", "'open'", NULL },
    { "label", "'x'", "'x'" },
    { "label", NULL, "@ms nothing" },
    { "label", "5", NULL },
    { "tags", "[<'a'>]", "['a']" },
    { "data", "[<1>]", "[<1>]" },
    { "data", NULL, "@mv nothing" },
    { "serial", "'x'", "'x'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PlantRpcPropertyInfo *property =
          plant_rpc_interface_info_find_property (self->interface, cases[i].name);
      g_autoptr (GVariant) value = NULL;
      g_autoptr (GVariant) fitted = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      if (cases[i].value != NULL)
        value = g_variant_ref_sink (g_variant_new_parsed (cases[i].value));
      fitted = plant_rpc_exported_object_fit (self->exported, property, value, &error);
      text = fitted != NULL ? g_variant_print (fitted, TRUE) : NULL;
      g_assert_cmpstr (text, ==, cases[i].fitted);
      if (cases[i].fitted == NULL)
        g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
    }
}

#define ADD(name, data, function) \
  g_test_add ("/exported-object/" name, Fixture, data, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Emissions of this thread are told at once, as within the loop. */
  g_assert_true (g_main_context_acquire (NULL));

  ADD ("here", NULL, test_here);
  ADD ("elsewhere", NULL, test_elsewhere);
  ADD ("unheard", NULL, test_unheard);
  ADD ("closed", NULL, test_closed);
  ADD ("order", "bell", test_order);
  ADD ("check", NULL, test_check);
  ADD ("fit", NULL, test_fit);
  return g_test_run ();
}
