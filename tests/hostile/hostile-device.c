/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "hostile-device.h"

#define N_PROPERTIES 24

struct _HostileDevice {
  GObject parent_instance;

  GValue  values[N_PROPERTIES + 1]; /* by property id */
};

static GParamSpec *properties[N_PROPERTIES + 1];
static guint captured_signal;

typedef enum {
  HOSTILE_MODE_STILL,
  HOSTILE_MODE_VIDEO = 7,
} HostileMode;

GType hostile_mode_get_type (void);
G_DEFINE_ENUM_TYPE (HostileMode, hostile_mode,
                    G_DEFINE_ENUM_VALUE (HOSTILE_MODE_STILL, "still"),
                    G_DEFINE_ENUM_VALUE (HOSTILE_MODE_VIDEO, "video"))

typedef enum {
  HOSTILE_PARTS_LENS = 1 << 0,
  HOSTILE_PARTS_FLASH = 1 << 1,
} HostileParts;

GType hostile_parts_get_type (void);
G_DEFINE_FLAGS_TYPE (HostileParts, hostile_parts,
                     G_DEFINE_ENUM_VALUE (HOSTILE_PARTS_LENS, "lens"),
                     G_DEFINE_ENUM_VALUE (HOSTILE_PARTS_FLASH, "flash"))

G_DEFINE_FINAL_TYPE (HostileDevice, hostile_device, G_TYPE_OBJECT)

static void
hostile_device_finalize (GObject *object)
{
  HostileDevice *self = HOSTILE_DEVICE (object);

  for (guint id = 1; id < G_N_ELEMENTS (properties) && properties[id] != NULL; id++)
    g_value_unset (&self->values[id]);
  G_OBJECT_CLASS (hostile_device_parent_class)->finalize (object);
}

static void
hostile_device_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  g_value_copy (&HOSTILE_DEVICE (object)->values[prop_id], value);
}

static void
hostile_device_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  g_value_copy (value, &HOSTILE_DEVICE (object)->values[prop_id]);
  g_object_notify_by_pspec (object, pspec);
}

static const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                 G_PARAM_EXPLICIT_NOTIFY;

static void
add (GObjectClass *klass,
     GParamSpec   *pspec)
{
  static guint last = 0;

  g_assert_cmpuint (last, <, N_PROPERTIES);
  properties[++last] = pspec;
  g_object_class_install_property (klass, last, pspec);
}

static void
add_numbers (GObjectClass *klass)
{
  add (klass, g_param_spec_int ("level", NULL, NULL, 0, 100, 0, flags));
  add (klass, g_param_spec_boolean ("boolean", NULL, NULL, TRUE, flags));
  add (klass, g_param_spec_char ("char", NULL, NULL, -5, 5, 3, flags));
  add (klass, g_param_spec_uchar ("uchar", NULL, NULL, 1, 200, 100, flags));
  add (klass, g_param_spec_int ("int", NULL, NULL, G_MININT, G_MAXINT, 90, flags));
  add (klass, g_param_spec_uint ("uint", NULL, NULL, 0, G_MAXUINT, 4000000000u, flags));
  add (klass, g_param_spec_long ("long", NULL, NULL, G_MINLONG, 9, -9, flags));
  add (klass, g_param_spec_ulong ("ulong", NULL, NULL, 8, G_MAXULONG, 9, flags));
  add (klass, g_param_spec_int64 ("int64", NULL, NULL, G_MININT64, G_MAXINT64, 3, flags));
  add (klass, g_param_spec_uint64 ("uint64", NULL, NULL, 0, G_MAXUINT64, G_MAXUINT64, flags));
  add (klass, g_param_spec_float ("float", NULL, NULL, -1.5f, 1.5f, 0.25f, flags));
  add (klass, g_param_spec_double ("double", NULL, NULL, 0.1, 0.9, 0.3, flags));
}

static void
add_others (GObjectClass *klass)
{
  add (klass, g_param_spec_string ("label", NULL, NULL, "none", flags));
  add (klass, g_param_spec_enum ("enum", NULL, NULL, hostile_mode_get_type (), HOSTILE_MODE_VIDEO,
                                 flags));
  add (klass, g_param_spec_flags ("flags", NULL, NULL, hostile_parts_get_type (),
                                  HOSTILE_PARTS_LENS, flags));
  add (klass, g_param_spec_boxed ("strv", NULL, NULL, G_TYPE_STRV, flags));
  add (klass, g_param_spec_variant ("any", NULL, NULL, G_VARIANT_TYPE_ANY,
                                    g_variant_new_parsed ("{'a': <uint32 5>}"), flags));
  add (klass, g_param_spec_variant ("pair", NULL, NULL, G_VARIANT_TYPE ("(ii)"),
                                    g_variant_new ("(ii)", 640, 480), flags));
  add (klass, g_param_spec_variant ("dictionary", NULL, NULL, G_VARIANT_TYPE_VARDICT,
                                    g_variant_new_parsed ("{'a': <1>}"), flags));
  add (klass, g_param_spec_variant ("bytes", NULL, NULL, G_VARIANT_TYPE_BYTESTRING,
                                    g_variant_new_bytestring ("abc"), flags));
  add (klass, g_param_spec_string ("read-only", NULL, NULL, "7", flags & ~G_PARAM_WRITABLE));
  add (klass, g_param_spec_string ("write-only", NULL, NULL, NULL, flags & ~G_PARAM_READABLE));
}

static void
hostile_device_class_init (HostileDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = hostile_device_finalize;
  object_class->get_property = hostile_device_get_property;
  object_class->set_property = hostile_device_set_property;
  add_numbers (object_class);
  add_others (object_class);
  captured_signal = g_signal_new ("captured", HOSTILE_TYPE_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_INT64);
  g_signal_new ("moved", HOSTILE_TYPE_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                3, G_TYPE_DOUBLE, G_TYPE_STRV, G_TYPE_VARIANT);
  g_signal_new ("pinged", HOSTILE_TYPE_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                0);
}

static void
hostile_device_init (HostileDevice *self)
{
  for (guint id = 1; id < G_N_ELEMENTS (properties) && properties[id] != NULL; id++)
    {
      g_value_init (&self->values[id], G_PARAM_SPEC_VALUE_TYPE (properties[id]));
      g_param_value_set_default (properties[id], &self->values[id]);
    }
}

HostileDevice *
hostile_device_new (void)
{
  return g_object_new (HOSTILE_TYPE_DEVICE, NULL);
}

void
hostile_device_burst (HostileDevice *self,
                      gint64         number)
{
  for (gint64 i = 0; i < number; i++)
    g_signal_emit (self, captured_signal, 0, "burst", i);
}
