/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Replaces the monotonic clock of the library and of the test, and changes how long the library's
 * timers take. Programs that meson.build links with test_clock_args use it. */

/* Moves the clock ahead by STEP µs. Timers that are set already are not changed. */
void test_clock_step     (gint64  step);
/* Timers that are set from now on take FACTOR times as long. A test uses less than 1 so that it
 * need not wait for a peer that does not answer, and more than 1 to show that nothing waits for a
 * timer. */
void test_clock_stretch  (double  factor);
/* Undoes test_clock_step() and test_clock_stretch(). */
void test_clock_reset    (void);

/* Records the delays, in µs and before they are stretched, to which sources and alarms called NAME
 * are set from now on (element-type gint64). Free the array with g_array_unref(). */
void    test_clock_record        (const char *name);
guint   test_clock_count         (void);
GArray *test_clock_end_recording (void);

G_END_DECLS
