/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The monotonic clock of the library and of the test, and how long the library's timers take: both
 * are taken over in the programs that meson.build links with test_clock_args. */

/* The clock is ahead by STEP µs from now on; timers that are set already stay as they are. */
void test_clock_step     (gint64  step);
/* What is set from now on takes FACTOR times as long: less than 1 where nothing answers, so that
 * the test need not wait; more than 1 where it is to be shown that nothing waits. */
void test_clock_stretch  (double  factor);
/* As they are. */
void test_clock_reset    (void);

/* The delays, in µs and before they are stretched, that sources called NAME have been set to since
 * (element-type gint64); to be freed with g_array_unref(). */
void    test_clock_record        (const char *name);
guint   test_clock_count         (void);
GArray *test_clock_end_recording (void);

G_END_DECLS
