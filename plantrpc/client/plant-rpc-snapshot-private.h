/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-link-private.h"
#include "plant-rpc-server-profile-private.h"

G_BEGIN_DECLS

/* Reads the values of all properties of a server: once for each new connection, and again whenever
 * changes may have been missed. */
typedef struct _PlantRpcSnapshot PlantRpcSnapshot;

/* Either of these may free the snapshot. */
typedef struct {
  /* VALUES are a{sv}, by wire name. A property that cannot be read has none. */
  void (*done)   (gpointer      owner,
                  GVariant     *values);
  /* The server does not speak the protocol. */
  void (*failed) (gpointer      owner,
                  const GError *error);
} PlantRpcSnapshotFuncs;

/* Only the properties of the template of PROFILE are read, and none for a legacy one. LINK and
 * PROFILE are unowned and must outlive the snapshot. */
PlantRpcSnapshot *plant_rpc_snapshot_new            (PlantRpcLink                *link,
                                                     PlantRpcServerProfile       *profile,
                                                     PlantRpcTimer               *timer,
                                                     const PlantRpcSnapshotFuncs *funcs,
                                                     gpointer                     owner);
void              plant_rpc_snapshot_free           (PlantRpcSnapshot            *self);
/* Reads the values of a new connection. The server has the properties NAMES (as). */
void              plant_rpc_snapshot_begin          (PlantRpcSnapshot            *self,
                                                     GVariant                    *names);
/* Subscribes at a native server, whose reply has the values. VERSION is that of the wire. */
void              plant_rpc_snapshot_begin_natively (PlantRpcSnapshot            *self,
                                                     guint                        version);
/* The connection has ended. */
void              plant_rpc_snapshot_abort          (PlantRpcSnapshot            *self);
/* Reads all values again, now or as soon as possible. Returns the number of the first snapshot that
 * begins after this call. */
guint             plant_rpc_snapshot_take           (PlantRpcSnapshot            *self);
/* As plant_rpc_snapshot_take(), but at most once a second, since a server may give reasons for it
 * without end. */
void              plant_rpc_snapshot_renew          (PlantRpcSnapshot            *self);
/* Returns why the server could not read a property for the latest snapshot, or NULL. */
const GError     *plant_rpc_snapshot_get_failure    (PlantRpcSnapshot            *self,
                                                     const char                  *wire_name);
/* Returns how many snapshots are done. */
guint             plant_rpc_snapshot_get_n_done     (PlantRpcSnapshot            *self);
/* Returns when the values of the latest snapshot were asked for, in monotonic µs. A change that has
 * arrived since is newer than they are, since the signals of Plant Imager's servers have a
 * connection of their own. Returns G_MAXINT64 for a native server, whose changes and values arrive
 * in order. */
gint64            plant_rpc_snapshot_get_read_since (PlantRpcSnapshot            *self);

G_END_DECLS
