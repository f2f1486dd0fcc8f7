/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gauge.h"

struct _TestGauge {
  GObject        parent_instance;

  int            level;  /* (atomic) */
  TestGaugeMode  mode;
  char          *label;  /* (owned) */
  GStrv          tags;   /* (owned) */
  GVariant      *data;   /* (owned) */
  char          *secret; /* (owned) */
  char          *model;  /* (owned) */
  guint          n_read;
};

typedef enum {
  PROP_LEVEL = 1,
  PROP_MODE,
  PROP_LABEL,
  PROP_TAGS,
  PROP_DATA,
  PROP_SECRET,
  PROP_SERIAL,
  PROP_MODEL,
} TestGaugeProperty;

static GParamSpec *properties[PROP_MODEL + 1];

enum {
  MODE_CHANGED,
  MEASURED,
  ASKED,
  PINGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_ENUM_TYPE (TestGaugeMode, test_gauge_mode,
                    G_DEFINE_ENUM_VALUE (TEST_GAUGE_MODE_OFF, "off"),
                    G_DEFINE_ENUM_VALUE (TEST_GAUGE_MODE_ON, "on"))

G_DEFINE_FINAL_TYPE (TestGauge, test_gauge, G_TYPE_OBJECT)

static void
test_gauge_finalize (GObject *object)
{
  TestGauge *self = TEST_GAUGE (object);

  g_free (self->label);
  g_strfreev (self->tags);
  g_clear_pointer (&self->data, g_variant_unref);
  g_free (self->secret);
  g_free (self->model);
  G_OBJECT_CLASS (test_gauge_parent_class)->finalize (object);
}

static void
test_gauge_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  TestGauge *self = TEST_GAUGE (object);

  switch ((TestGaugeProperty) prop_id)
    {
    case PROP_LEVEL:
      self->n_read++;
      g_value_set_int (value, test_gauge_get_level (self));
      break;
    case PROP_MODE:
      g_value_set_enum (value, self->mode);
      break;
    case PROP_LABEL:
      g_value_set_string (value, self->label);
      break;
    case PROP_TAGS:
      g_value_set_boxed (value, self->tags);
      break;
    case PROP_DATA:
      g_value_set_variant (value, self->data);
      break;
    case PROP_SERIAL:
      g_value_set_string (value, "G-1");
      break;
    case PROP_MODEL:
      g_value_set_string (value, self->model);
      break;
    case PROP_SECRET:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
test_gauge_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  TestGauge *self = TEST_GAUGE (object);

  switch ((TestGaugeProperty) prop_id)
    {
    case PROP_LEVEL:
      test_gauge_set_level (self, g_value_get_int (value));
      break;
    case PROP_MODE:
      self->mode = g_value_get_enum (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_LABEL:
      g_free (self->label);
      self->label = g_value_dup_string (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_TAGS:
      g_strfreev (self->tags);
      self->tags = g_value_dup_boxed (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_DATA:
      g_clear_pointer (&self->data, g_variant_unref);
      self->data = g_value_dup_variant (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_SECRET:
      g_free (self->secret);
      self->secret = g_value_dup_string (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_MODEL:
      self->model = g_value_dup_string (value);
      break;
    case PROP_SERIAL:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  properties[PROP_LEVEL] = g_param_spec_int ("level", NULL, NULL, 0, 100, 0, flags);
  properties[PROP_MODE] = g_param_spec_enum ("mode", NULL, NULL, TEST_TYPE_GAUGE_MODE,
                                             TEST_GAUGE_MODE_OFF, flags);
  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, flags);
  properties[PROP_TAGS] = g_param_spec_boxed ("tags", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_DATA] =
      g_param_spec_variant ("data", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, flags);
  properties[PROP_SECRET] = g_param_spec_string ("secret", NULL, NULL, NULL,
                                                 flags & ~G_PARAM_READABLE);
  properties[PROP_SERIAL] = g_param_spec_string ("serial", NULL, NULL, NULL,
                                                 flags & ~G_PARAM_WRITABLE);
  properties[PROP_MODEL] = g_param_spec_string ("model", NULL, NULL, "basic",
                                                flags | G_PARAM_CONSTRUCT_ONLY);
  g_object_class_install_properties (klass, G_N_ELEMENTS (properties), properties);
}

static void
test_gauge_class_init (TestGaugeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = test_gauge_finalize;
  object_class->get_property = test_gauge_get_property;
  object_class->set_property = test_gauge_set_property;
  install_properties (object_class);
  signals[MODE_CHANGED] = g_signal_new ("mode-changed", TEST_TYPE_GAUGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, TEST_TYPE_GAUGE_MODE);
  signals[MEASURED] = g_signal_new ("measured", TEST_TYPE_GAUGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_STRING);
  signals[ASKED] = g_signal_new ("asked", TEST_TYPE_GAUGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_BOOLEAN, 1, G_TYPE_STRING);
  signals[PINGED] = g_signal_new ("pinged", TEST_TYPE_GAUGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
}

static void
test_gauge_init (TestGauge *self)
{
}

TestGauge *
test_gauge_new (void)
{
  return g_object_new (TEST_TYPE_GAUGE, NULL);
}

void
test_gauge_set_level (TestGauge *self,
                      int        level)
{
  int rounded = level / 5 * 5;

  if (g_atomic_int_get (&self->level) == rounded)
    return;
  g_atomic_int_set (&self->level, rounded);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LEVEL]);
}

int
test_gauge_get_level (TestGauge *self)
{
  return g_atomic_int_get (&self->level);
}

void
test_gauge_switch (TestGauge     *self,
                   TestGaugeMode  mode)
{
  self->mode = mode;
  g_signal_emit (self, signals[MODE_CHANGED], 0, mode);
}

void
test_gauge_measure (TestGauge  *self,
                    double      value,
                    const char *unit)
{
  g_signal_emit (self, signals[MEASURED], 0, value, unit);
}

void
test_gauge_ping (TestGauge *self)
{
  g_signal_emit (self, signals[PINGED], 0);
}

const char *
test_gauge_get_secret (TestGauge *self)
{
  return self->secret;
}

guint
test_gauge_get_n_read (TestGauge *self)
{
  return self->n_read;
}
