/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-server-private.h"

/**
 * plant_rpc_server_get_max_peer_calls:
 * @self: a server
 *
 * Gets how many calls and writes of one client may be under way at a time.
 *
 * Returns: the number of calls and writes
 *
 * Since: 1.1
 */
guint
plant_rpc_server_get_max_peer_calls (PlantRpcServer *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), 0);
  return plant_rpc_server_get_private (self)->max_peer_calls;
}

/**
 * plant_rpc_server_set_max_peer_calls:
 * @self: a server
 * @n_calls: the number, from 1 to 10,000
 *
 * Sets how many calls and writes of one client may be under way at a time. The default is 1,000. A
 * change takes effect when the server is started next.
 *
 * Since: 1.1
 */
void
plant_rpc_server_set_max_peer_calls (PlantRpcServer *self,
                                     guint           n_calls)
{
  PlantRpcServerPrivate *priv;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (n_calls > 0 && n_calls <= PLANT_RPC_MAX_JOBS);

  priv = plant_rpc_server_get_private (self);
  if (priv->max_peer_calls == n_calls)
    return;
  priv->max_peer_calls = n_calls;
  g_object_notify (G_OBJECT (self), "max-peer-calls");
}

/**
 * plant_rpc_server_get_max_unread:
 * @self: a server
 *
 * Gets how many bytes the server holds, for all clients together, because they do not read them.
 *
 * Returns: the number of bytes
 *
 * Since: 1.1
 */
guint64
plant_rpc_server_get_max_unread (PlantRpcServer *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), 0);
  return plant_rpc_server_get_private (self)->max_unread;
}

/**
 * plant_rpc_server_set_max_unread:
 * @self: a server
 * @n_bytes: the number of bytes, at least 1 MiB
 *
 * Sets how many bytes the server holds, for all clients together, because they do not read them.
 * The default is 512 MiB. A change takes effect when the server is started next.
 *
 * Since: 1.1
 */
void
plant_rpc_server_set_max_unread (PlantRpcServer *self,
                                 guint64         n_bytes)
{
  PlantRpcServerPrivate *priv;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (n_bytes >= 1024 * 1024);

  priv = plant_rpc_server_get_private (self);
  if (priv->max_unread == n_bytes)
    return;
  priv->max_unread = n_bytes;
  g_object_notify (G_OBJECT (self), "max-unread");
}
