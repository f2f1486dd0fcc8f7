/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "stress-device.h"

struct _StressDevice {
  GObject parent_instance;

  int    rotation;
  double exposure;
};

typedef enum {
  PROP_ROTATION = 1,
  PROP_EXPOSURE,
} StressDeviceProperty;

static GParamSpec *properties[PROP_EXPOSURE + 1];
static guint captured_signal;

G_DEFINE_FINAL_TYPE (StressDevice, stress_device, G_TYPE_OBJECT)

static void
stress_device_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  StressDevice *self = STRESS_DEVICE (object);

  switch ((StressDeviceProperty) prop_id)
    {
    case PROP_ROTATION:
      g_value_set_int (value, self->rotation);
      break;
    case PROP_EXPOSURE:
      g_value_set_double (value, self->exposure);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
stress_device_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  StressDevice *self = STRESS_DEVICE (object);

  switch ((StressDeviceProperty) prop_id)
    {
    case PROP_ROTATION:
      if (self->rotation == g_value_get_int (value))
        return;
      self->rotation = g_value_get_int (value);
      break;
    case PROP_EXPOSURE:
      self->exposure = g_value_get_double (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
  g_object_notify_by_pspec (object, pspec);
}

static void
stress_device_class_init (StressDeviceClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = stress_device_get_property;
  object_class->set_property = stress_device_set_property;
  properties[PROP_ROTATION] =
      g_param_spec_int ("rotation", NULL, NULL, G_MININT, G_MAXINT, 0, flags);
  properties[PROP_EXPOSURE] =
      g_param_spec_double ("exposure", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0.25, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  captured_signal = g_signal_new ("captured", STRESS_TYPE_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_INT64);
  g_signal_new ("ping", STRESS_TYPE_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
stress_device_init (StressDevice *self)
{
  self->exposure = 0.25;
}

void
stress_device_burst (StressDevice *self,
                     gint64        number)
{
  for (gint64 i = 0; i < number; i++)
    g_signal_emit (self, captured_signal, 0, "burst", i);
}

void
stress_device_number (StressDevice *self,
                      gint64        number)
{
  g_signal_emit (self, captured_signal, 0, "number", number);
}

void
stress_device_flood (StressDevice *self,
                     gint64        first,
                     gint64        number)
{
  g_autofree char *text = g_strnfill (STRESS_FLOOD_SIZE, 'x');

  for (gint64 i = first; i < first + number; i++)
    g_signal_emit (self, captured_signal, 0, text, i);
}
