/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What TEXT, in GVariant text format, stands for. */
GVariant *test_parse            (const char   *text);
/* VARIANT is that, and not floating. */
void      test_assert_variant   (GVariant     *variant,
                                 const char   *text);
/* A value was refused; MESSAGE (nullable) is the error's. */
void      test_assert_refusal   (const GError *error,
                                 const char   *message);

G_END_DECLS
