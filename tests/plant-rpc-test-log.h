/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* To be called once, before the first message: g_test_expect_message() sees nothing of structured
 * logging. */
void test_log_init          (void);
/* The next message of this level must match PATTERN. */
void test_log_expect        (GLogLevelFlags  level,
                             const char     *pattern);
void test_log_assert_caught (void);
/* It has not come so far. */
void test_log_assert_missing (void);
/* It need not come any more. */
void test_log_forget         (void);

G_END_DECLS
