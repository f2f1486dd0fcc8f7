/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-greeting-private.h"

#define MECHANISM_OFFSET 12
#define MECHANISM_SIZE   20

/* The signature and the major version. A peer that is not secured hangs up after a whole greeting
 * of another mechanism, and answers this one. */
static const guint8 beginning[] = { 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3 };

static void
begin (PlantRpcSocket *socket,
       PlantRpcFrames *frames)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (parts, plant_rpc_frames_steal (frames, 0));
  g_ptr_array_add (parts, g_bytes_new_static (beginning, sizeof beginning));
  plant_rpc_socket_send_parts (socket, parts);
}

static PlantRpcMechanism
read_mechanism (const PlantRpcGreeting *self)
{
  const guint8 *name = self->bytes + MECHANISM_OFFSET;
  static const char null[MECHANISM_SIZE] = "NULL", curve[MECHANISM_SIZE] = "CURVE";

  if (self->bytes[0] != 0xff || self->bytes[9] != 0x7f)
    return PLANT_RPC_MECHANISM_OTHER;
  if (memcmp (name, null, MECHANISM_SIZE) == 0)
    return PLANT_RPC_MECHANISM_NULL;
  return memcmp (name, curve, MECHANISM_SIZE) == 0 ? PLANT_RPC_MECHANISM_CURVE
                                                   : PLANT_RPC_MECHANISM_OTHER;
}

PlantRpcMechanism
plant_rpc_greeting_take (PlantRpcGreeting *self,
                         PlantRpcSocket   *socket,
                         PlantRpcFrames   *frames)
{
  gsize size;

  if (frames->n_frames != 2)
    return PLANT_RPC_MECHANISM_OTHER;
  size = zmq_msg_size (&frames->frames[1]);
  if (size == 0 && self->n_bytes > 0)
    return PLANT_RPC_MECHANISM_OTHER;
  if (size == 0)
    {
      begin (socket, frames);
      return PLANT_RPC_MECHANISM_PENDING;
    }
  size = MIN (size, sizeof self->bytes - self->n_bytes);
  memcpy (self->bytes + self->n_bytes, zmq_msg_data (&frames->frames[1]), size);
  self->n_bytes += size;
  return self->n_bytes < sizeof self->bytes ? PLANT_RPC_MECHANISM_PENDING : read_mechanism (self);
}
