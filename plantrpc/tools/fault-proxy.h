/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fault-link.h"

G_BEGIN_DECLS

/* Stands in front of a device or a registry and does to its connections what a bad network does.
 * The ports that Plant Imager's devices and their clients tell each other for their signals get
 * doors of their own, so that these connections go through it too. */
typedef struct _FaultProxy FaultProxy;

typedef struct {
  void (*connected)   (guint         number,
                       gpointer      user_data);
  void (*ended)       (guint         number,
                       gpointer      user_data);
  void (*unreachable) (guint         number,
                       const GError *error,
                       gpointer      user_data);
} FaultProxyFuncs;

/* Listens at a free port of this machine alone. With CALLS_ONLY the faults leave the connections for
 * signals alone. */
FaultProxy *fault_proxy_new        (GSocketConnectable     *target,
                                    gboolean                calls_only,
                                    const FaultProxyFuncs  *funcs,
                                    gpointer                user_data,
                                    GError                **error);
void        fault_proxy_free       (FaultProxy             *self);
guint16     fault_proxy_get_port   (FaultProxy             *self);

/* These are for all connections, also those to come. */
void        fault_proxy_set_line   (FaultProxy             *self,
                                    const FaultLine        *line);
void        fault_proxy_thaw       (FaultProxy             *self,
                                    FaultWay                way);
gboolean    fault_proxy_set_open   (FaultProxy             *self,
                                    gboolean                open,
                                    GError                **error);
/* So is this if NUMBER is 0; else it is for the connection of that number. */
void        fault_proxy_freeze     (FaultProxy             *self,
                                    guint                   number,
                                    FaultWay                way);
/* These are for the connections that there are, or for that of a number other than 0. */
void        fault_proxy_forget     (FaultProxy             *self,
                                    guint                   number,
                                    FaultWay                way);
void        fault_proxy_close      (FaultProxy             *self,
                                    guint                   number,
                                    FaultWay                way);
void        fault_proxy_drop       (FaultProxy             *self,
                                    guint                   number,
                                    gboolean                reset);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultProxy, fault_proxy_free)

G_END_DECLS
