/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

/* The probe: a device with every kind of value, declared as an interface; probe.py and probe.js
 * declare the same. It is the template of the C client, and both device classes implement it. */
#define TEST_TYPE_PROBE (test_probe_get_type ())
G_DECLARE_INTERFACE (TestProbe, test_probe, TEST, PROBE, GObject)

struct _TestProbeInterface {
  GTypeInterface parent_iface;
};

#define TEST_IMAGE_SIZE     (1 << 20)
#define TEST_THUMBNAIL_SIZE 4096

typedef enum {
  TEST_PROBE_FLAG = 1,
  TEST_PROBE_COUNT,
  TEST_PROBE_NATURAL,
  TEST_PROBE_LARGE,
  TEST_PROBE_HUGE,
  TEST_PROBE_LEVEL,
  TEST_PROBE_ANGLE,
  TEST_PROBE_LABEL,
  TEST_PROBE_MODE,
  TEST_PROBE_PARTS,
  TEST_PROBE_TAGS,
  TEST_PROBE_CONFIG,
  TEST_PROBE_VIDEO_URL,
  TEST_PROBE_SHUTTER,
  TEST_PROBE_PROGRESS,
  TEST_PROBE_N_PROPERTIES = TEST_PROBE_PROGRESS,
} TestProbeProperty;

/* What a GType cannot carry, declared beside it. */
void    test_probe_declare_beside  (GType         type);

/* For classes that implement it: overrides all properties, and keeps their values. */
void    test_probe_class_init      (GObjectClass *klass);
void    test_probe_instance_init   (TestProbe    *self);

/* What the device does by itself: access and ranges are for others. */
void    test_probe_store           (TestProbe    *self,
                                    const char   *name,
                                    const GValue *value);

/* The picture: byte i is i modulo 251. */
GBytes *test_probe_new_pattern     (gsize         size);

/* A value as text of GVariant would have it, for a property of this type; enumerations by nick. */
void    test_value_from_variant    (GValue       *value,
                                    GType         type,
                                    GVariant     *variant);
GVariant *test_value_to_variant    (const GValue *value);

G_END_DECLS
