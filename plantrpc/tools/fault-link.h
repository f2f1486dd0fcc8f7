/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fault-pipe.h"

G_BEGIN_DECLS

/* The direction of bytes: up to the device, or down from it. */
typedef enum {
  FAULT_WAY_UP   = 1 << 0,
  FAULT_WAY_DOWN = 1 << 1,
  FAULT_WAY_BOTH = FAULT_WAY_UP | FAULT_WAY_DOWN,
} FaultWay;

/* One connection through the proxy: a socket to the client, a socket to the device, and a pipe in
 * each direction between them. */
typedef struct _FaultLink FaultLink;

typedef struct {
  void     (*connected) (FaultLink    *self,
                         gpointer      user_data);
  /* The link has ended, and this function must free it. ERROR is set if the device could not be
   * connected to. */
  void     (*ended)     (FaultLink    *self,
                         const GError *error,
                         gpointer      user_data);
  /* A message that travels WAY contains a port. See FaultMoveFunc. */
  gboolean (*move)      (FaultLink    *self,
                         FaultWay      way,
                         char        **host,
                         guint16      *port,
                         gpointer      user_data);
} FaultLinkFuncs;

/* Connects to TARGET. LINE is borrowed. */
FaultLink *fault_link_new        (GSocketConnection     *peer,
                                  GSocketConnectable    *target,
                                  const FaultLine       *line,
                                  const FaultLinkFuncs  *funcs,
                                  gpointer               user_data);
void       fault_link_free       (FaultLink             *self);
/* Returns the address of this machine from which it reaches the device, or NULL. */
char      *fault_link_dup_host   (FaultLink             *self);

void       fault_link_set_frozen (FaultLink             *self,
                                  FaultWay               frozen);
void       fault_link_forget     (FaultLink             *self,
                                  FaultWay               way);
void       fault_link_close      (FaultLink             *self,
                                  FaultWay               way);
/* Ends both connections at once. Without RESET they are closed in order; with RESET they are reset,
 * as by a machine that does not know them. */
void       fault_link_drop       (FaultLink             *self,
                                  gboolean               reset);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultLink, fault_link_free)

G_END_DECLS
