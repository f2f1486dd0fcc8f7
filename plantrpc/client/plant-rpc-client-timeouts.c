/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"

/* How long a client waits for what. */

static PlantRpcCalls *
get_calls (PlantRpcClient *self)
{
  return plant_rpc_session_get_calls (plant_rpc_client_get_session (self));
}

static PlantRpcHeartbeat *
get_heartbeat (PlantRpcClient *self)
{
  return plant_rpc_session_get_heartbeat (plant_rpc_client_get_session (self));
}

/**
 * plant_rpc_client_get_property_timeout:
 * @self: a client
 *
 * Gets how long the reading or writing of a property may take.
 *
 * Returns: the time in ms, or %PLANT_RPC_TIMEOUT_NONE
 *
 * Since: 1.0
 */
int
plant_rpc_client_get_property_timeout (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), 0);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_calls_get_property_timeout (get_calls (self));
}

/**
 * plant_rpc_client_set_property_timeout:
 * @self: a client
 * @timeout: the time in ms, or %PLANT_RPC_TIMEOUT_NONE
 *
 * Sets how long the reading or writing of a property may take; see
 * [property@Client:property-timeout].
 *
 * Since: 1.0
 */
void
plant_rpc_client_set_property_timeout (PlantRpcClient *self,
                                       int             timeout)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (timeout >= PLANT_RPC_TIMEOUT_NONE);

  hold = plant_rpc_client_enter (self);
  if (timeout == plant_rpc_client_get_property_timeout (self))
    return;
  plant_rpc_calls_set_property_timeout (get_calls (self), timeout);
  g_object_notify (G_OBJECT (self), "property-timeout");
}

/**
 * plant_rpc_client_get_send_timeout:
 * @self: a client
 *
 * Gets how long a call, a read or a write waits to be sent.
 *
 * Returns: the time in ms, or %PLANT_RPC_TIMEOUT_NONE for as long as its own timeout
 *
 * Since: 1.0
 */
int
plant_rpc_client_get_send_timeout (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), 0);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_calls_get_send_timeout (get_calls (self));
}

/**
 * plant_rpc_client_set_send_timeout:
 * @self: a client
 * @timeout: the time in ms, or %PLANT_RPC_TIMEOUT_NONE for as long as its own timeout
 *
 * Sets how long a call, a read or a write waits to be sent; see [property@Client:send-timeout].
 *
 * Since: 1.0
 */
void
plant_rpc_client_set_send_timeout (PlantRpcClient *self,
                                   int             timeout)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (timeout >= PLANT_RPC_TIMEOUT_NONE);

  hold = plant_rpc_client_enter (self);
  if (timeout == plant_rpc_client_get_send_timeout (self))
    return;
  plant_rpc_calls_set_send_timeout (get_calls (self), timeout);
  g_object_notify (G_OBJECT (self), "send-timeout");
}

/**
 * plant_rpc_client_get_timeout:
 * @self: a client
 *
 * Gets how long a connected server may stay silent before that is told as an error.
 *
 * Returns: the time in ms
 *
 * Since: 1.0
 */
int
plant_rpc_client_get_timeout (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), 0);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_session_get_patience (plant_rpc_client_get_session (self));
}

/**
 * plant_rpc_client_set_timeout:
 * @self: a client
 * @timeout: the time in ms, more than 0
 *
 * Sets how long a connected server may stay silent before that is told as an error.
 *
 * Since: 1.0
 */
void
plant_rpc_client_set_timeout (PlantRpcClient *self,
                              int             timeout)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (timeout > 0);

  hold = plant_rpc_client_enter (self);
  if (timeout == plant_rpc_client_get_timeout (self))
    return;
  plant_rpc_session_set_patience (plant_rpc_client_get_session (self), timeout);
  g_object_notify (G_OBJECT (self), "timeout");
}

/**
 * plant_rpc_client_get_heartbeat_interval:
 * @self: a client
 *
 * Gets how often a server that is silent is asked for a sign of life.
 *
 * Returns: the interval in ms, or 0 if the server is not asked
 *
 * Since: 1.0
 */
guint
plant_rpc_client_get_heartbeat_interval (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), 0);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_heartbeat_get_interval (get_heartbeat (self));
}

/**
 * plant_rpc_client_set_heartbeat_interval:
 * @self: a client
 * @interval: the interval in ms, or 0 if the server must not be asked
 *
 * Sets how often a server that is silent is asked for a sign of life; see
 * [property@Client:heartbeat-interval].
 *
 * Since: 1.0
 */
void
plant_rpc_client_set_heartbeat_interval (PlantRpcClient *self,
                                         guint           interval)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));

  hold = plant_rpc_client_enter (self);
  if (interval == plant_rpc_client_get_heartbeat_interval (self))
    return;
  plant_rpc_heartbeat_set_interval (get_heartbeat (self), interval);
  g_object_notify (G_OBJECT (self), "heartbeat-interval");
}
