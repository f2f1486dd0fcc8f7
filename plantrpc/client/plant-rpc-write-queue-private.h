/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The values that an application has written to the properties of one client and that have not been
 * sent yet. While the device has not answered a write of a property, only the newest value of that
 * property waits. The values are sent in the order in which they were written. */
typedef struct _PlantRpcWriteQueue PlantRpcWriteQueue;

/* The writes of one property. It belongs to the property, and is zeroed at first. */
typedef struct {
  gpointer  owner;   /* (unowned): the property */
  GVariant *waiting; /* (owned) (nullable): not sent yet */
  guint     n_sent;  /* without an answer yet */
} PlantRpcWriteSlot;

/* Sends VALUE. plant_rpc_write_queue_note_answer() follows, perhaps before this returns. */
typedef void (*PlantRpcWriteFunc) (gpointer  owner,
                                   GVariant *value);

PlantRpcWriteQueue *plant_rpc_write_queue_new         (PlantRpcWriteFunc    send);
void                plant_rpc_write_queue_free        (PlantRpcWriteQueue  *self);
/* Sends VALUE when its turn comes, which may be now. It replaces a value of SLOT that waits. */
void                plant_rpc_write_queue_add         (PlantRpcWriteQueue  *self,
                                                       PlantRpcWriteSlot   *slot,
                                                       GVariant            *value);
/* The device has answered a write of SLOT, or will not. */
void                plant_rpc_write_queue_note_answer (PlantRpcWriteQueue  *self,
                                                       PlantRpcWriteSlot   *slot);
/* Sends all that wait, since the application is about to send something else. */
void                plant_rpc_write_queue_send_all    (PlantRpcWriteQueue  *self);
/* The property of SLOT ends. What waits is dropped. */
void                plant_rpc_write_queue_remove      (PlantRpcWriteQueue  *self,
                                                       PlantRpcWriteSlot   *slot);
/* Returns whether a write of SLOT has no answer yet. */
gboolean            plant_rpc_write_slot_is_busy      (PlantRpcWriteSlot   *slot);

G_END_DECLS
