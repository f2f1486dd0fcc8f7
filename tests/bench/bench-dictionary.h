/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "bench.h"

/* The dictionaries of W2 and W3, the same for every rival that has GVariants. */

GVariant *bench_build_args (void);
void      bench_check_args (GVariant *args);
GVariant *bench_get_info   (void);
