/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fault-proxy.h"

G_BEGIN_DECLS

/* One thing that is done to a line, as it is told on standard input. */
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
  FaultWay  way;    /* of those that have one */
  double    number; /* seconds, or bytes a second of a rate; 0: none */
} FaultAction;

const char *fault_kind_get_name    (FaultKind           kind);
gboolean    fault_kind_has_way     (FaultKind           kind);
/* What ends KIND after its seconds; KIND itself where nothing does. */
FaultKind   fault_kind_get_end     (FaultKind           kind);

/* “2.5” */
gboolean    fault_seconds_parse    (const char         *text,
                                    double             *seconds,
                                    GError            **error);
/* “64K”: bytes a second */
gboolean    fault_rate_parse       (const char         *text,
                                    double             *rate,
                                    GError            **error);

gboolean    fault_action_parse     (FaultAction        *self,
                                    char              **words,
                                    GError            **error);
/* One by chance, which a line gets over. */
void        fault_action_choose    (FaultAction        *self,
                                    GRand              *chance);
/* To all connections, or to that of a NUMBER other than 0. LINE is what the line is like. */
gboolean    fault_action_perform   (const FaultAction  *self,
                                    FaultProxy         *proxy,
                                    FaultLine          *line,
                                    guint               number,
                                    GError            **error);

G_END_DECLS
