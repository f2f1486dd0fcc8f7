/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "fault-frames.h"

G_BEGIN_DECLS

/* What a line is like, both ways. */
typedef struct {
  double delay; /* seconds */
  double rate;  /* bytes a second; 0 for no limit */
} FaultLine;

/* One way of a connection: reads from one socket, holds the bytes for as long as the line takes, and
 * writes them to another socket. */
typedef struct _FaultPipe FaultPipe;

/* The way has ended: everything has gone through it and so has its end, or with BROKEN it can go on
 * no longer. The pipe may be freed in it. */
typedef void (*FaultPipeFunc) (gboolean  broken,
                               gpointer  user_data);

/* LINE is borrowed and may change at any time. FRAMES are taken. */
FaultPipe *fault_pipe_new        (GSocket          *from,
                                  GSocket          *to,
                                  const FaultLine  *line,
                                  FaultFrames      *frames,
                                  FaultPipeFunc     ended,
                                  gpointer          user_data);
void       fault_pipe_free       (FaultPipe        *self);
void       fault_pipe_set_frozen (FaultPipe        *self,
                                  gboolean          frozen);
/* From now on nothing that is read goes any further, and nobody is told. */
void       fault_pipe_forget     (FaultPipe        *self);
/* The far end is told that nothing more comes. */
void       fault_pipe_close      (FaultPipe        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultPipe, fault_pipe_free)

G_END_DECLS
