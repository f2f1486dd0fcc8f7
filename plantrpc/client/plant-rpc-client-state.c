/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"
#include "plant-rpc-loan-private.h"
#include "plant-rpc-remote-object-private.h"

/* What a client tells of its connection and of the server. */

static PlantRpcServerProfile *
get_profile (PlantRpcClient *self)
{
  return plant_rpc_session_get_profile (plant_rpc_client_get_session (self));
}

static PlantRpcLink *
get_link (PlantRpcClient *self)
{
  return plant_rpc_session_get_link (plant_rpc_client_get_session (self));
}

static const char *
lend_string (PlantRpcClient *self,
             const char     *string)
{
  return plant_rpc_loan_lend_string (plant_rpc_client_get_home (self), string);
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), PLANT_RPC_STATE_CLOSED);

  hold = plant_rpc_client_enter (self);
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_state_is_ready (plant_rpc_client_get_state (self));
}

/**
 * plant_rpc_client_is_context_owner:
 * @self: a client
 *
 * Tells whether the calling thread runs the loop of the client's main context.
 *
 * Then the properties of the client follow the device, and a function that blocks would hold up the
 * loop. Otherwise the calling thread may block: it belongs to a script without a loop, or another
 * thread runs the loop. Python uses it to decide whether to read an attribute from the client or
 * from the device.
 *
 * A [class@Gio.Application] is the owner of the default context from `startup` on, before the first
 * turn of the loop. A thread also owns each context that it has pushed as its thread-default one.
 * That alone tells nothing, so such a context counts only while the thread runs a loop.
 *
 * Returns: %TRUE if the calling thread runs the loop
 *
 * Since: 1.0
 */
gboolean
plant_rpc_client_is_context_owner (PlantRpcClient *self)
{
  GMainContext *context;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);

  context = plant_rpc_home_get_context (plant_rpc_client_get_home (self));
  return g_main_context_is_owner (context) &&
         (context == g_main_context_default () || g_main_depth () > 0);
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), PLANT_RPC_WIRE_UNKNOWN);

  hold = plant_rpc_client_enter (self);
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_loan_lend_error (
      plant_rpc_client_get_home (self),
      plant_rpc_session_get_error (plant_rpc_client_get_session (self)));
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
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcInterfaceInfo *interface;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  interface = plant_rpc_session_get_interface (plant_rpc_client_get_session (self));
  return (PlantRpcInterfaceInfo *) plant_rpc_loan_lend (
      plant_rpc_client_get_home (self), interface, (GBoxedCopyFunc) plant_rpc_interface_info_ref,
      (GBoxedFreeFunc) plant_rpc_interface_info_unref);
}

/**
 * plant_rpc_client_get_missing:
 * @self: a client
 *
 * Gets the wire names of what the type of this client has and the device lacks. A member whose type
 * differs so that no value can be had, such as a text in place of a number, counts as missing, too.
 *
 * Returns: (transfer none) (array zero-terminated=1): the names
 *
 * Since: 1.0
 */
const char *const *
plant_rpc_client_get_missing (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_loan_lend (plant_rpc_client_get_home (self),
                              plant_rpc_server_profile_get_missing (get_profile (self)),
                              (GBoxedCopyFunc) g_strdupv, (GBoxedFreeFunc) g_strfreev);
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  return lend_string (self, plant_rpc_server_profile_get_name (get_profile (self)));
}

/**
 * plant_rpc_client_try_again:
 * @self: a client
 *
 * Makes the client try to connect now, if it is disconnected and would wait before its next
 * attempt.
 *
 * It is for a user who has just done something about [property@Client:last-error]. A client that a
 * secured server does not know waits up to 30 s between two attempts.
 *
 * Since: 1.1
 */
void
plant_rpc_client_try_again (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));

  hold = plant_rpc_client_enter (self);
  plant_rpc_link_hurry (get_link (self));
  if (plant_rpc_client_get_follower (self) != NULL)
    plant_rpc_follower_check (plant_rpc_client_get_follower (self));
}

/**
 * plant_rpc_client_get_keypair:
 * @self: a client
 *
 * Gets the key pair by which secured servers know the client.
 *
 * Returns: (transfer none) (nullable): the key pair that was set, or else that of the user, which
 *   is %NULL until it was needed
 *
 * Since: 1.1
 */
PlantRpcKeypair *
plant_rpc_client_get_keypair (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_link_get_keypair (get_link (self));
}

/**
 * plant_rpc_client_set_keypair:
 * @self: a client
 * @keypair: (nullable): a key pair, or %NULL for that of the user
 *
 * Sets the key pair by which secured servers know the client; see [property@Client:keypair].
 *
 * Since: 1.1
 */
void
plant_rpc_client_set_keypair (PlantRpcClient  *self,
                              PlantRpcKeypair *keypair)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));

  hold = plant_rpc_client_enter (self);
  if (plant_rpc_link_get_keypair (get_link (self)) == keypair)
    return;
  plant_rpc_link_set_keypair (get_link (self), keypair);
  /* An attempt to connect that is under way has the former pair. */
  if (plant_rpc_link_is_started (get_link (self)) && !plant_rpc_link_is_open (get_link (self)))
    plant_rpc_link_connect (get_link (self));
  plant_rpc_client_update_trust (self);
  g_object_notify (G_OBJECT (self), "keypair");
}

/**
 * plant_rpc_client_get_role:
 * @self: a client
 *
 * Gets what the server lets this client do.
 *
 * Returns: the role, %PLANT_RPC_ROLE_ADMINISTRATOR for a server that is not secured, or
 *   %PLANT_RPC_ROLE_NONE if the client was never ready
 *
 * Since: 1.1
 */
PlantRpcRole
plant_rpc_client_get_role (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), PLANT_RPC_ROLE_NONE);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_server_profile_get_role (get_profile (self));
}

const char *const *
plant_rpc_client_get_relays (PlantRpcClient *self)
{
  return plant_rpc_server_profile_get_relays (get_profile (self));
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  return lend_string (self, plant_rpc_link_get_own_address (get_link (self)));
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  return lend_string (self, plant_rpc_link_get_peer_address (get_link (self)));
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), 0);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_link_get_n_late (get_link (self));
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), 0);

  hold = plant_rpc_client_enter (self);
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  hold = plant_rpc_client_enter (self);
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
