/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads the frames of one direction of a ZeroMQ connection from bytes in pieces of any size. If a
 * message of Plant Imager's wires contains a port for another connection, the port is replaced with
 * that of a door. Everything else is passed on unchanged, including bytes that are not ZeroMQ. */
typedef struct _FaultFrames FaultFrames;

/* Replaces HOST and PORT by those of a door. HOST is NULL for a port of the device itself. Returns
 * FALSE to leave both unchanged. */
typedef gboolean (*FaultMoveFunc) (char     **host,
                                   guint16   *port,
                                   gpointer   user_data);

FaultFrames *fault_frames_new  (FaultMoveFunc   move,
                                gpointer        user_data);
void         fault_frames_free (FaultFrames    *self);
/* Appends to OUT the bytes to be passed on. */
void         fault_frames_push (FaultFrames    *self,
                                const guint8   *data,
                                gsize           size,
                                GByteArray     *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultFrames, fault_frames_free)

G_END_DECLS
