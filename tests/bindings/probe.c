/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>

#include "probe.h"

G_DEFINE_INTERFACE (TestProbe, test_probe, G_TYPE_OBJECT)

#define READWRITE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)
#define READABLE  (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

static const char *const names[] = {
  NULL,    "flag",  "count", "natural", "large",  "huge",      "level",   "angle",
  "label", "mode",  "parts", "tags",    "config", "video-url", "shutter", "progress",
};

G_STATIC_ASSERT (G_N_ELEMENTS (names) == TEST_PROBE_N_PROPERTIES + 1);

static void
install_numbers (gpointer iface)
{
  g_object_interface_install_property (
      iface, g_param_spec_boolean ("flag", NULL, NULL, FALSE, READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_int ("count", NULL, NULL, G_MININT, G_MAXINT, 0, READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_uint ("natural", NULL, NULL, 0, G_MAXUINT, 0, READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_int64 ("large", NULL, NULL, G_MININT64, G_MAXINT64, 0, READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_uint64 ("huge", NULL, NULL, 0, G_MAXUINT64, 0, READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_double ("level", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_int ("angle", NULL, "Where the arm stands", 0, 359, 0, READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_double ("shutter", NULL, NULL, 0.001, 60, 0.01, READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_int ("progress", NULL, NULL, 0, 100, 0, READABLE));
}

static void
install_others (gpointer iface)
{
  g_object_interface_install_property (iface,
                                       g_param_spec_string ("label", NULL, NULL, "", READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_enum ("mode", NULL, NULL, G_TYPE_PASSWORD_SAVE, G_PASSWORD_SAVE_NEVER,
                                READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_flags ("parts", NULL, NULL, G_TYPE_OUTPUT_STREAM_SPLICE_FLAGS,
                                 G_OUTPUT_STREAM_SPLICE_NONE, READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_boxed ("tags", NULL, NULL, G_TYPE_STRV, READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_variant ("config", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_string ("video-url", NULL, NULL, "", READWRITE));
}

static void
test_probe_default_init (TestProbeInterface *iface)
{
  install_numbers (iface);
  install_others (iface);
  g_signal_new ("captured", TEST_TYPE_PROBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                2, G_TYPE_STRING, G_TYPE_INT);
  g_signal_new ("ping", TEST_TYPE_PROBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("mixed", TEST_TYPE_PROBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 10,
                G_TYPE_BOOLEAN, G_TYPE_UINT, G_TYPE_INT64, G_TYPE_UINT64, G_TYPE_DOUBLE,
                G_TYPE_STRING, G_TYPE_STRV, G_TYPE_VARIANT, G_TYPE_PASSWORD_SAVE,
                G_TYPE_OUTPUT_STREAM_SPLICE_FLAGS);
  g_signal_new ("mode-changed", TEST_TYPE_PROBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_PASSWORD_SAVE);
}

void
test_probe_declare_beside (GType type)
{
  plant_rpc_type_declare_unit (type, "shutter", "s");
  plant_rpc_type_declare_step (type, "shutter", 0.25);
  plant_rpc_type_declare_wire_name (type, "shutter", "ShutterSpeed");
  plant_rpc_type_declare_method (type, "add", "a: i, b: i = 2", FALSE, PLANT_RPC_TIMEOUT_DEFAULT);
  plant_rpc_type_declare_method (type, "get_image", "lores: b = false", TRUE,
                                 PLANT_RPC_TIMEOUT_NONE);
}

/* Indexed by property; the first one is not used. */
typedef struct {
  GValue values[TEST_PROBE_N_PROPERTIES + 1];
} Fields;

static G_DEFINE_QUARK (test-probe-fields, fields)

static Fields *
get_fields (gpointer self)
{
  return g_object_get_qdata (self, fields_quark ());
}

static void
fields_free (gpointer data)
{
  Fields *self = data;

  for (guint i = 1; i <= TEST_PROBE_N_PROPERTIES; i++)
    g_value_unset (&self->values[i]);
  g_free (self);
}

void
test_probe_instance_init (TestProbe *self)
{
  Fields *fields = g_new0 (Fields, 1);
  GObjectClass *klass = G_OBJECT_GET_CLASS (self);

  for (guint i = 1; i <= TEST_PROBE_N_PROPERTIES; i++)
    {
      GParamSpec *pspec = g_object_class_find_property (klass, names[i]);

      g_value_init (&fields->values[i], pspec->value_type);
      g_param_value_set_default (pspec, &fields->values[i]);
    }
  g_object_set_qdata_full (G_OBJECT (self), fields_quark (), fields, fields_free);
}

static void
get_property (GObject    *object,
              guint       prop_id,
              GValue     *value,
              GParamSpec *pspec)
{
  if (prop_id > TEST_PROBE_N_PROPERTIES)
    g_value_set_static_string (value, "hidden");
  else
    g_value_copy (&get_fields (object)->values[prop_id], value);
}

static void
set_property (GObject      *object,
              guint         prop_id,
              const GValue *value,
              GParamSpec   *pspec)
{
  g_value_copy (value, &get_fields (object)->values[prop_id]);
  if (prop_id == TEST_PROBE_MODE)
    g_signal_emit_by_name (object, "mode-changed", g_value_get_enum (value));
}

void
test_probe_class_init (GObjectClass *klass)
{
  klass->get_property = get_property;
  klass->set_property = set_property;
  for (guint i = 1; i <= TEST_PROBE_N_PROPERTIES; i++)
    g_object_class_override_property (klass, i, names[i]);
  g_object_class_install_property (
      klass, TEST_PROBE_N_PROPERTIES + 1,
      g_param_spec_string ("secret", NULL, NULL, "hidden", READABLE));
}

void
test_probe_store (TestProbe    *self,
                  const char   *name,
                  const GValue *value)
{
  guint id = 1;

  while (!g_str_equal (names[id], name))
    g_assert_cmpuint (++id, <=, TEST_PROBE_N_PROPERTIES);
  set_property (G_OBJECT (self), id, value, NULL);
  g_object_notify (G_OBJECT (self), name);
}

GBytes *
test_probe_new_pattern (gsize size)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = i % 251;
  return g_bytes_new_take (data, size);
}
