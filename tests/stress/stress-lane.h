/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Faults of the lane that a client in this process has to a server in another one, which listens at
 * PORT; 0: over ipc. */

gboolean stress_lane_stands         (guint16 port);
/* HOW is that of shutdown(). */
void     stress_lane_cut            (guint16 port,
                                     int     how);
/* The lane ends after so many more bytes: any message may be sent or received in part. */
void     stress_lane_cut_sent       (gsize   n_bytes);
void     stress_lane_cut_received   (gsize   n_bytes);
/* Forgets what the last two were told. */
void     stress_lane_leave          (void);
/* Ends the ordinary connections to the port, as a network would. */
void     stress_lane_reset_ordinary (guint16 port);

G_END_DECLS
