/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The frames of one way of a ZeroMQ connection, as bytes of any length come by. A message of Plant
 * Imager's wires that names a port for another connection is given the port of a door of ours.
 * Everything else stays as it is, also what is no ZeroMQ. */
typedef struct _FaultFrames FaultFrames;

/* HOST is NULL for a port of the device itself. Returns FALSE to leave both as they are. */
typedef gboolean (*FaultMoveFunc) (char     **host,
                                   guint16   *port,
                                   gpointer   user_data);

FaultFrames *fault_frames_new  (FaultMoveFunc   move,
                                gpointer        user_data);
void         fault_frames_free (FaultFrames    *self);
/* Appends to OUT what is to be passed on. */
void         fault_frames_push (FaultFrames    *self,
                                const guint8   *data,
                                gsize           size,
                                GByteArray     *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultFrames, fault_frames_free)

G_END_DECLS
