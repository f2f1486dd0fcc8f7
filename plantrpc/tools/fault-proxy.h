/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fault-link.h"

G_BEGIN_DECLS

/* Stands between the clients and a device or a registry, and does to their connections what a bad
 * network does. Plant Imager's devices and their clients name each other ports for their signals.
 * The proxy replaces these ports with doors of its own, so that those connections go through it
 * too. */
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

/* Listens on a free port of the loopback address. If CALLS_ONLY is TRUE, no fault is done to the
 * connections for signals. */
FaultProxy *fault_proxy_new        (GSocketConnectable     *target,
                                    gboolean                calls_only,
                                    const FaultProxyFuncs  *funcs,
                                    gpointer                user_data,
                                    GError                **error);
void        fault_proxy_free       (FaultProxy             *self);
guint16     fault_proxy_get_port   (FaultProxy             *self);

/* These three apply to all connections, present and future. */
void        fault_proxy_set_line   (FaultProxy             *self,
                                    const FaultLine        *line);
void        fault_proxy_thaw       (FaultProxy             *self,
                                    FaultWay                way);
gboolean    fault_proxy_set_open   (FaultProxy             *self,
                                    gboolean                open,
                                    GError                **error);
/* If NUMBER is 0, applies to all connections, present and future; otherwise to the one with that
 * number. */
void        fault_proxy_freeze     (FaultProxy             *self,
                                    guint                   number,
                                    FaultWay                way);
/* These three apply to all present connections if NUMBER is 0; otherwise to the one with that
 * number. */
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
