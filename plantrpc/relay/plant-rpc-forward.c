/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-forward-private.h"
#include "plant-rpc-interface-info-private.h"

/* ms that a device gets that cannot be asked for a sign of life while it works. */
#define PATIENCE 600000

/* Takes ownership of ERROR and of a reference to INVOCATION. */
static void
fail (PlantRpcInvocation *invocation,
      GError             *error)
{
  plant_rpc_invocation_return_gerror (invocation, error);
  g_error_free (error);
  g_object_unref (invocation);
}

/* ---- calls */

static void
on_called (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  PlantRpcInvocation *invocation = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) value =
      plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result, &error);

  if (error != NULL)
    {
      fail (invocation, error);
      return;
    }
  plant_rpc_invocation_return_value (invocation, value);
  g_object_unref (invocation);
}

static void
on_buffer (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  PlantRpcInvocation *invocation = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) info = NULL;
  g_autoptr (GBytes) buffer =
      plant_rpc_client_call_buffer_finish (PLANT_RPC_CLIENT (client), result, &info, &error);

  if (buffer == NULL)
    {
      fail (invocation, error);
      return;
    }
  plant_rpc_invocation_return_buffer (invocation, buffer, info);
  g_object_unref (invocation);
}

/* The caller waits as long as it likes, and only it knows how long that is. A device that hangs is
 * noticed by its heartbeat, which one of Plant Imager does not have while it works. */
static int
find_timeout (PlantRpcClient     *client,
              PlantRpcMethodInfo *method)
{
  if (plant_rpc_client_get_wire (client) == PLANT_RPC_WIRE_NATIVE ||
      method->timeout == PLANT_RPC_TIMEOUT_NONE)
    return PLANT_RPC_TIMEOUT_NONE;
  return MAX (method->timeout, PATIENCE);
}

void
plant_rpc_forward_call (PlantRpcClient     *client,
                        PlantRpcInvocation *invocation,
                        PlantRpcMethodInfo *method)
{
  GVariant *args = plant_rpc_invocation_get_args (invocation);
  GVariant *kwargs = plant_rpc_invocation_get_kwargs (invocation);
  GCancellable *cancellable = plant_rpc_invocation_get_cancellable (invocation);
  const int timeout = find_timeout (client, method);

  if (method->buffer)
    plant_rpc_client_call_buffer (client, method->name, args, kwargs, timeout, cancellable,
                                  on_buffer, g_object_ref (invocation));
  else
    plant_rpc_client_call (client, method->name, args, kwargs, timeout, cancellable, on_called,
                           g_object_ref (invocation));
}

/* ---- properties */

static void
on_read (GObject      *client,
         GAsyncResult *result,
         gpointer      user_data)
{
  PlantRpcInvocation *invocation = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) value =
      plant_rpc_client_read_property_finish (PLANT_RPC_CLIENT (client), result, &error);

  if (error != NULL)
    {
      fail (invocation, error);
      return;
    }
  plant_rpc_invocation_return_value (invocation, value);
  g_object_unref (invocation);
}

void
plant_rpc_forward_read (PlantRpcClient     *client,
                        PlantRpcInvocation *invocation)
{
  plant_rpc_client_read_property (client, plant_rpc_invocation_get_name (invocation),
                                  plant_rpc_invocation_get_cancellable (invocation), on_read,
                                  g_object_ref (invocation));
}

static void
on_written (GObject      *client,
            GAsyncResult *result,
            gpointer      user_data)
{
  PlantRpcInvocation *invocation = user_data;
  GError *error = NULL;

  if (!plant_rpc_client_write_property_finish (PLANT_RPC_CLIENT (client), result, &error))
    {
      fail (invocation, error);
      return;
    }
  plant_rpc_invocation_return_value (invocation, NULL);
  g_object_unref (invocation);
}

void
plant_rpc_forward_write (PlantRpcClient     *client,
                         PlantRpcInvocation *invocation)
{
  plant_rpc_client_write_property (client, plant_rpc_invocation_get_name (invocation),
                                   plant_rpc_invocation_get_value (invocation),
                                   plant_rpc_invocation_get_cancellable (invocation), on_written,
                                   g_object_ref (invocation));
}
