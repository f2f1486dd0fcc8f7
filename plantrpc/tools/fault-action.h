/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fault-proxy.h"

G_BEGIN_DECLS

/* One fault, as a line of standard input names it. */
typedef enum {
  FAULT_DELAY,
  FAULT_RATE,
  FAULT_FREEZE,
  FAULT_THAW,
  FAULT_RESET,
  FAULT_DROP,
  FAULT_HALF_CLOSE,
  FAULT_FORGET,
  FAULT_KILL,
  FAULT_REFUSE,
  FAULT_ACCEPT,
} FaultKind;

#define FAULT_N_KINDS 11

typedef struct {
  FaultKind kind;
  FaultWay  way;    /* for the kinds that have a way */
  double    number; /* seconds, or for FAULT_RATE bytes a second; 0: none given */
} FaultAction;

const char *fault_kind_get_name    (FaultKind           kind);
gboolean    fault_kind_has_way     (FaultKind           kind);
/* Returns the kind that ends KIND when its seconds are over, or KIND itself if none does. */
FaultKind   fault_kind_get_end     (FaultKind           kind);

/* Parses seconds, such as “2.5”. */
gboolean    fault_seconds_parse    (const char         *text,
                                    double             *seconds,
                                    GError            **error);
/* Parses bytes a second, such as “64K”. */
gboolean    fault_rate_parse       (const char         *text,
                                    double             *rate,
                                    GError            **error);

gboolean    fault_action_parse     (FaultAction        *self,
                                    char              **words,
                                    GError            **error);
/* Chooses a fault at random, which ends by itself or is harmless. */
void        fault_action_choose    (FaultAction        *self,
                                    GRand              *chance);
/* Does the fault to all connections, or to the one with the NUMBER if that is not 0. LINE is the
 * current state of the line, and is changed. */
gboolean    fault_action_perform   (const FaultAction  *self,
                                    FaultProxy         *proxy,
                                    FaultLine          *line,
                                    guint               number,
                                    GError            **error);

G_END_DECLS
