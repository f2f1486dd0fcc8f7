/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Measures how long the default main context is away from its poll: computing, or blocked in some
 * call. Time in which the thread was ready to run and other processes had the processor does not
 * count, so a busy machine is not taken for a stall. */
typedef struct
{
  double longest; /* in ms */
  guint  n_long;  /* how often it was away for more than 250 ms */
} StallWatch;

void       stall_watch_start (void);
StallWatch stall_watch_stop  (void);

G_END_DECLS
