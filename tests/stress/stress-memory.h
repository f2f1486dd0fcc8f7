/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a process holds, once everything free has been given back. */
typedef struct {
  gint64 resident; /* bytes of its own, not of files */
  gint64 used;     /* bytes that malloc has given out */
  gint64 n_fds;
} StressMemory;

/* To be called before there are threads: an arena for each would grow in its own time. */
void stress_memory_prepare (void);
void stress_memory_measure (StressMemory *self);

G_END_DECLS
