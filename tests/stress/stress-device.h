/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

/* What the stress servers offer natively, and what their clients take for a template: properties
 * "rotation" (integer) and "exposure" (double), signals "captured" (string, int64) and "ping". The
 * extended camera of the Python peers has members of the same names. */
#define STRESS_TYPE_DEVICE (stress_device_get_type ())
G_DECLARE_FINAL_TYPE (StressDevice, stress_device, STRESS, DEVICE, GObject)

/* Emits "captured" with ("burst", 0), ("burst", 1), ... */
void stress_device_burst  (StressDevice *self,
                           gint64        number);
/* Emits "captured" with ("number", NUMBER). */
void stress_device_number (StressDevice *self,
                           gint64        number);
/* Emits "captured" with (TEXT, FIRST), (TEXT, FIRST + 1), and so on. TEXT has STRESS_FLOOD_SIZE
 * bytes. */
#define STRESS_FLOOD_SIZE 1000
void stress_device_flood  (StressDevice *self,
                           gint64        first,
                           gint64        number);

G_END_DECLS
