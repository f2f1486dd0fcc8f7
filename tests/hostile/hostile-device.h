/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* A device with a property of each type that travels, named after its type, and with the properties
 * "level" and "label". Each property keeps the value that is set. Its signals are "captured"
 * (string, int64), "moved" (double, string list, variant) and "pinged". */
#define HOSTILE_TYPE_DEVICE (hostile_device_get_type ())
G_DECLARE_FINAL_TYPE (HostileDevice, hostile_device, HOSTILE, DEVICE, GObject)

HostileDevice *hostile_device_new   (void);
/* Emits "captured" NUMBER times. */
void           hostile_device_burst (HostileDevice *self,
                                     gint64         number);

G_END_DECLS
