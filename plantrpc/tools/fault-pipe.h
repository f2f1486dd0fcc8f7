/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "fault-frames.h"

G_BEGIN_DECLS

/* The properties of a line, the same in both directions. */
typedef struct {
  double delay; /* seconds by which bytes are held back */
  double rate;  /* bytes a second; 0 means no limit */
} FaultLine;

/* One direction of a connection. Bytes read from one socket are held for as long as the line needs,
 * and then written to another socket. */
typedef struct _FaultPipe FaultPipe;

/* The pipe has ended. BROKEN is FALSE if all bytes and the end of the stream were passed on, TRUE
 * if a socket has failed. The function may free the pipe. */
typedef void (*FaultPipeFunc) (gboolean  broken,
                               gpointer  user_data);

/* LINE is borrowed, and may be changed at any time. The pipe takes FRAMES over. */
FaultPipe *fault_pipe_new        (GSocket          *from,
                                  GSocket          *to,
                                  const FaultLine  *line,
                                  FaultFrames      *frames,
                                  FaultPipeFunc     ended,
                                  gpointer          user_data);
void       fault_pipe_free       (FaultPipe        *self);
void       fault_pipe_set_frozen (FaultPipe        *self,
                                  gboolean          frozen);
/* From now on bytes are read and dropped, and neither side is informed. */
void       fault_pipe_forget     (FaultPipe        *self);
/* Shuts the far end down for writing, so that it reads the end of the stream. */
void       fault_pipe_close      (FaultPipe        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultPipe, fault_pipe_free)

G_END_DECLS
