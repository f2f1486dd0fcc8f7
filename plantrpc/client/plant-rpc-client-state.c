/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"
#include "plant-rpc-remote-object-private.h"

/* The read-only properties of a client: the state of its connection, and what it knows of the
 * server. */

typedef enum {
  PROP_STATE,
  PROP_READY,
  PROP_WIRE,
  PROP_LAST_ERROR,
  PROP_INTERFACE,
  PROP_MISSING,
  PROP_NAME,
  PROP_OWN_ADDRESS,
  PROP_PEER_ADDRESS,
  PROP_N_LATE_REPLIES,
  PROP_N_DROPPED,
  N_PROPERTIES,
} StateProperty;

static GParamSpec *properties[N_PROPERTIES];

static void
make_properties (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcClient:state:
   *
   * How the connection stands.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, PLANT_RPC_TYPE_STATE,
                                              PLANT_RPC_STATE_DISCONNECTED, flags);
  /**
   * PlantRpcClient:ready: (getter is_ready)
   *
   * Whether values are the device's and calls go out at once; see [func@State.is_ready].
   *
   * A widget whose `sensitive` is bound to it is insensitive while it would be of no use.
   *
   * Since: 1.0
   */
  properties[PROP_READY] = g_param_spec_boolean ("ready", NULL, NULL, FALSE, flags);
  /**
   * PlantRpcClient:last-error: (getter get_last_error)
   *
   * Why the client is not ready, or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_LAST_ERROR] =
      g_param_spec_boxed ("last-error", NULL, NULL, G_TYPE_ERROR, flags);
  /**
   * PlantRpcClient:wire:
   *
   * Which wire the server speaks, as found when it became ready.
   *
   * Since: 1.0
   */
  properties[PROP_WIRE] = g_param_spec_enum ("wire", NULL, NULL, PLANT_RPC_TYPE_WIRE,
                                             PLANT_RPC_WIRE_UNKNOWN, flags);
  /**
   * PlantRpcClient:interface:
   *
   * What the device offers; %NULL until it was ready once.
   *
   * Since: 1.0
   */
  properties[PROP_INTERFACE] =
      g_param_spec_boxed ("interface", NULL, NULL, PLANT_RPC_TYPE_INTERFACE_INFO, flags);
  /**
   * PlantRpcClient:missing:
   *
   * Wire names of what the type of this client has and the device lacks.
   *
   * Since: 1.0
   */
  properties[PROP_MISSING] = g_param_spec_boxed ("missing", NULL, NULL, G_TYPE_STRV, flags);
  /**
   * PlantRpcClient:name:
   *
   * The name that a registry accepted for the device; empty if it is not registered, %NULL until
   * the client was ready once. Counterpart of `RPCClient.name`.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  /**
   * PlantRpcClient:own-address:
   *
   * The IP address of this side of the connection. Counterpart of `RPCClient.own_address`.
   *
   * Since: 1.0
   */
  properties[PROP_OWN_ADDRESS] = g_param_spec_string ("own-address", NULL, NULL, NULL, flags);
  /**
   * PlantRpcClient:peer-address:
   *
   * The IP address of the server. Counterpart of `RPCClient.peer_address`.
   *
   * Since: 1.0
   */
  properties[PROP_PEER_ADDRESS] = g_param_spec_string ("peer-address", NULL, NULL, NULL, flags);
  /**
   * PlantRpcClient:n-late-replies:
   *
   * How many replies came after their call had ended. Does not notify.
   *
   * Since: 1.0
   */
  properties[PROP_N_LATE_REPLIES] =
      g_param_spec_uint ("n-late-replies", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * PlantRpcClient:n-dropped:
   *
   * How many signals, values and messages of the peer did not fit and were dropped. Does not
   * notify.
   *
   * Since: 1.0
   */
  properties[PROP_N_DROPPED] =
      g_param_spec_uint ("n-dropped", NULL, NULL, 0, G_MAXUINT, 0, flags);
}

void
plant_rpc_client_install_state_properties (GObjectClass *object_class,
                                           guint         first_id)
{
  make_properties ();
  for (guint i = 0; i < N_PROPERTIES; i++)
    g_object_class_install_property (object_class, first_id + i, properties[i]);
}

void
plant_rpc_client_get_state_property (PlantRpcClient *self,
                                     guint           index,
                                     GValue         *value,
                                     GParamSpec     *pspec)
{
  switch ((StateProperty) index)
    {
    case PROP_STATE:
      g_value_set_enum (value, plant_rpc_client_get_state (self));
      break;
    case PROP_READY:
      g_value_set_boolean (value, plant_rpc_client_is_ready (self));
      break;
    case PROP_WIRE:
      g_value_set_enum (value, plant_rpc_client_get_wire (self));
      break;
    case PROP_LAST_ERROR:
      g_value_set_boxed (value, plant_rpc_client_get_last_error (self));
      break;
    case PROP_INTERFACE:
      g_value_set_boxed (value, plant_rpc_client_get_interface (self));
      break;
    case PROP_MISSING:
      g_value_set_boxed (value, plant_rpc_client_get_missing (self));
      break;
    case PROP_NAME:
      g_value_set_string (value, plant_rpc_client_get_name (self));
      break;
    case PROP_OWN_ADDRESS:
      g_value_set_string (value, plant_rpc_client_get_own_address (self));
      break;
    case PROP_PEER_ADDRESS:
      g_value_set_string (value, plant_rpc_client_get_peer_address (self));
      break;
    case PROP_N_LATE_REPLIES:
      g_value_set_uint (value, plant_rpc_client_get_n_late_replies (self));
      break;
    case PROP_N_DROPPED:
      g_value_set_uint (value, plant_rpc_client_get_n_dropped (self));
      break;
    case N_PROPERTIES:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (self, index, pspec);
    }
}

void
plant_rpc_client_notify_state (PlantRpcClient *self,
                               PlantRpcState   former)
{
  GObject *object = G_OBJECT (self);
  gboolean changed = plant_rpc_client_get_state (self) != former;
  gboolean ready = plant_rpc_client_is_ready (self);

  g_object_freeze_notify (object);
  g_object_notify_by_pspec (object, properties[PROP_LAST_ERROR]);
  if (changed)
    g_object_notify_by_pspec (object, properties[PROP_STATE]);
  if (ready != plant_rpc_state_is_ready (former))
    g_object_notify_by_pspec (object, properties[PROP_READY]);
  for (guint i = PROP_WIRE; ready && changed && i <= PROP_PEER_ADDRESS; i++)
    g_object_notify_by_pspec (object, properties[i]);
  g_object_thaw_notify (object);
}

/**
 * plant_rpc_client_get_state:
 * @self: a client
 *
 * Tells how the connection stands.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
PlantRpcState
plant_rpc_client_get_state (PlantRpcClient *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), PLANT_RPC_STATE_CLOSED);

  return plant_rpc_session_get_state (plant_rpc_client_get_session (self));
}

/**
 * plant_rpc_client_is_ready:
 * @self: a client
 *
 * Tells whether values are the device's and calls go out at once; see
 * [property@Client:ready].
 *
 * Returns: %TRUE if the client is ready
 *
 * Since: 1.0
 */
gboolean
plant_rpc_client_is_ready (PlantRpcClient *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);

  return plant_rpc_state_is_ready (plant_rpc_client_get_state (self));
}

/**
 * plant_rpc_client_get_wire:
 * @self: a client
 *
 * Tells which wire the server speaks.
 *
 * Where a server of Plant Imager has no signals its generation cannot be told, and does not matter:
 * it is taken for the second.
 *
 * Returns: the wire
 *
 * Since: 1.0
 */
PlantRpcWire
plant_rpc_client_get_wire (PlantRpcClient *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), PLANT_RPC_WIRE_UNKNOWN);

  return plant_rpc_session_get_wire (plant_rpc_client_get_session (self));
}

/**
 * plant_rpc_client_get_last_error:
 * @self: a client
 *
 * Gets why the client is not ready.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL if there is none
 *
 * Since: 1.0
 */
const GError *
plant_rpc_client_get_last_error (PlantRpcClient *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  return plant_rpc_session_get_error (plant_rpc_client_get_session (self));
}

/**
 * plant_rpc_client_get_interface:
 * @self: a client
 *
 * Gets what the device offers, as it told when it became ready last.
 *
 * Returns: (transfer none) (nullable): the interface, or %NULL if the client was never ready
 *
 * Since: 1.0
 */
PlantRpcInterfaceInfo *
plant_rpc_client_get_interface (PlantRpcClient *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  return plant_rpc_session_get_interface (plant_rpc_client_get_session (self));
}

/**
 * plant_rpc_client_get_missing:
 * @self: a client
 *
 * Gets the wire names of what the type of this client has and the device lacks.
 *
 * Returns: (transfer none) (array zero-terminated=1): the names
 *
 * Since: 1.0
 */
const char *const *
plant_rpc_client_get_missing (PlantRpcClient *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  return plant_rpc_session_get_missing (plant_rpc_client_get_session (self));
}

/**
 * plant_rpc_client_get_name:
 * @self: a client
 *
 * Gets the name that a registry accepted for the device.
 *
 * Returns: (transfer none) (nullable): the name, empty if the device is not registered, or %NULL
 *   if the client was never ready
 *
 * Since: 1.0
 */
const char *
plant_rpc_client_get_name (PlantRpcClient *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  return plant_rpc_session_get_name (plant_rpc_client_get_session (self));
}

/**
 * plant_rpc_client_get_own_address:
 * @self: a client
 *
 * Gets the IP address of this side of the connection.
 *
 * Returns: (transfer none) (nullable): the address, or %NULL if there was no TCP connection yet
 *
 * Since: 1.0
 */
const char *
plant_rpc_client_get_own_address (PlantRpcClient *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  return plant_rpc_session_get_own_address (plant_rpc_client_get_session (self));
}

/**
 * plant_rpc_client_get_peer_address:
 * @self: a client
 *
 * Gets the IP address of the server.
 *
 * Returns: (transfer none) (nullable): the address, or %NULL if there was no TCP connection yet
 *
 * Since: 1.0
 */
const char *
plant_rpc_client_get_peer_address (PlantRpcClient *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  return plant_rpc_session_get_peer_address (plant_rpc_client_get_session (self));
}

/**
 * plant_rpc_client_get_n_late_replies:
 * @self: a client
 *
 * Tells how many replies came after their call had ended; they were dropped.
 *
 * Returns: the number of replies
 *
 * Since: 1.0
 */
guint
plant_rpc_client_get_n_late_replies (PlantRpcClient *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), 0);

  return plant_rpc_session_get_n_late (plant_rpc_client_get_session (self));
}

/**
 * plant_rpc_client_get_n_dropped:
 * @self: a client
 *
 * Tells how many signals, values and messages of the peer did not fit; they were dropped.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
plant_rpc_client_get_n_dropped (PlantRpcClient *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), 0);

  return plant_rpc_remote_object_get_n_mistyped (plant_rpc_client_get_remote (self)) +
         plant_rpc_session_get_n_malformed (plant_rpc_client_get_session (self));
}

const char *
plant_rpc_client_get_property_wire_name (PlantRpcClient *self,
                                         const char     *name)
{
  PlantRpcInterfaceInfo *info =
      plant_rpc_remote_object_get_interface (plant_rpc_client_get_remote (self));
  PlantRpcPropertyInfo *property = NULL;

  if (info != NULL)
    property = plant_rpc_interface_info_lookup_property (info, name);
  return property != NULL ? property->wire_name : name;
}

/**
 * plant_rpc_client_lookup_property:
 * @self: a client
 * @name: the name of a property, as of GObject or as on the wire
 *
 * Gets what belongs beside the value of a remote property: its state, whether it may be written,
 * its limits.
 *
 * A plain client has none before it was ready once.
 *
 * Returns: (transfer none) (nullable): the property, or %NULL if there is none of that name
 *
 * Since: 1.0
 */
PlantRpcProperty *
plant_rpc_client_lookup_property (PlantRpcClient *self,
                                  const char     *name)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return plant_rpc_remote_object_find_property (
      plant_rpc_client_get_remote (self), plant_rpc_client_get_property_wire_name (self, name));
}

/**
 * plant_rpc_client_get_cached_property:
 * @self: a client
 * @name: the name of a property, as of GObject or as on the wire
 *
 * Gets the value that is shown for a property. The network is not touched.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL if there is none yet
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_client_get_cached_property (PlantRpcClient *self,
                                      const char     *name)
{
  PlantRpcProperty *property = plant_rpc_client_lookup_property (self, name);

  return property != NULL ? plant_rpc_property_dup_value (property) : NULL;
}
