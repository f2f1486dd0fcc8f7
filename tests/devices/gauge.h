/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  TEST_GAUGE_MODE_OFF,
  TEST_GAUGE_MODE_ON = 5,
} TestGaugeMode;

#define TEST_TYPE_GAUGE_MODE (test_gauge_mode_get_type ())
GType test_gauge_mode_get_type (void);

/* A device with each kind of member: "level" (0 to 100; the setter rounds down to a multiple of 5),
 * "mode" (enumeration, with a signal "mode-changed" of its own that is emitted by
 * test_gauge_switch() alone), "label", "tags", "data", "secret" (write-only), "serial" (read-only),
 * "model" (construct-only); signals "measured" (double, string), "asked" (string; returns a
 * boolean) and "pinged". */
#define TEST_TYPE_GAUGE (test_gauge_get_type ())
G_DECLARE_FINAL_TYPE (TestGauge, test_gauge, TEST, GAUGE, GObject)

TestGauge  *test_gauge_new        (void);
void        test_gauge_set_level  (TestGauge     *self,
                                   int            level);
int         test_gauge_get_level  (TestGauge     *self);
/* Sets the mode and emits "mode-changed". */
void        test_gauge_switch     (TestGauge     *self,
                                   TestGaugeMode  mode);
void        test_gauge_measure    (TestGauge     *self,
                                   double         value,
                                   const char    *unit);
void        test_gauge_ping       (TestGauge     *self);
const char *test_gauge_get_secret (TestGauge     *self);
/* How often "level" has been read by others. */
guint       test_gauge_get_n_read (TestGauge     *self);

G_END_DECLS
