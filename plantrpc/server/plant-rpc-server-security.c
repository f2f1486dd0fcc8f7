/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-loan-private.h"
#include "plant-rpc-server-parts-private.h"

/* Who may do what at a server. */

/**
 * plant_rpc_server_get_keypair:
 * @self: a server
 *
 * Gets the key pair by which clients know the server.
 *
 * Returns: (transfer none) (nullable): the key pair; %NULL if the server is not secured
 *
 * Since: 1.1
 */
PlantRpcKeypair *
plant_rpc_server_get_keypair (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_server_get_parts (self)->serving->keypair;
}

/**
 * plant_rpc_server_set_keypair:
 * @self: a server
 * @keypair: (nullable): the key pair; %NULL to let everybody connect
 *
 * Sets the key pair by which clients know the server, which secures it; see
 * [property@Server:keypair]. A change takes effect when the server is started next.
 *
 * Since: 1.1
 */
void
plant_rpc_server_set_keypair (PlantRpcServer  *self,
                              PlantRpcKeypair *keypair)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcServiceState *state;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  hold = plant_rpc_server_enter (self);
  state = plant_rpc_server_get_parts (self)->serving;
  if (state->keypair == keypair)
    return;
  g_clear_pointer (&state->keypair, plant_rpc_keypair_unref);
  state->keypair = keypair != NULL ? plant_rpc_keypair_ref (keypair) : NULL;
  g_object_notify (G_OBJECT (self), "keypair");
}

/**
 * plant_rpc_server_get_authenticator:
 * @self: a server
 *
 * Gets what decides who may connect to a secured server.
 *
 * Returns: (transfer none) (nullable): the authenticator; without one, nobody may connect to a
 *   secured server
 *
 * Since: 1.1
 */
PlantRpcAuthenticator *
plant_rpc_server_get_authenticator (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_server_get_parts (self)->serving->authenticator;
}

/**
 * plant_rpc_server_set_authenticator:
 * @self: a server
 * @authenticator: (nullable): what decides
 *
 * Sets what decides who may connect to a secured server, and with which role. A change takes effect
 * when the server is started next.
 *
 * Since: 1.1
 */
void
plant_rpc_server_set_authenticator (PlantRpcServer        *self,
                                    PlantRpcAuthenticator *authenticator)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (authenticator == NULL || PLANT_RPC_IS_AUTHENTICATOR (authenticator));

  hold = plant_rpc_server_enter (self);
  if (g_set_object (&plant_rpc_server_get_parts (self)->serving->authenticator, authenticator))
    g_object_notify (G_OBJECT (self), "authenticator");
}

/**
 * plant_rpc_server_get_unsecured_url:
 * @self: a server
 *
 * Gets the URL at which a secured server lets in everybody, as it was given, or with the actual
 * port while the server runs.
 *
 * Returns: (transfer none) (nullable): the URL; %NULL if there is none
 *
 * Since: 1.1
 */
const char *
plant_rpc_server_get_unsecured_url (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcServerPrivate *parts;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  hold = plant_rpc_server_enter (self);
  parts = plant_rpc_server_get_parts (self);
  return plant_rpc_loan_lend_string (parts->home, parts->serving->unsecured_url);
}

/**
 * plant_rpc_server_set_unsecured_url:
 * @self: a server
 * @url: (nullable): a URL; %NULL for none
 *
 * Sets the URL at which a secured server lets in everybody; see [property@Server:unsecured-url]. A
 * change takes effect when the server is started next. [method@Server.start] fails with
 * %PLANT_RPC_ERROR_INVALID_URL if it is none, and with %G_IO_ERROR_INVALID_ARGUMENT if the server
 * is not secured.
 *
 * Since: 1.1
 */
void
plant_rpc_server_set_unsecured_url (PlantRpcServer *self,
                                    const char     *url)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  hold = plant_rpc_server_enter (self);
  plant_rpc_service_set_unsecured_url (plant_rpc_server_get_parts (self)->service, url);
}

/**
 * plant_rpc_server_get_unsecured_role:
 * @self: a server
 *
 * Gets the role of the clients that come in at the URL that is not secured.
 *
 * Returns: the role
 *
 * Since: 1.1
 */
PlantRpcRole
plant_rpc_server_get_unsecured_role (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), PLANT_RPC_ROLE_NONE);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_server_get_parts (self)->serving->unsecured_role;
}

/**
 * plant_rpc_server_set_unsecured_role:
 * @self: a server
 * @role: the role, not %PLANT_RPC_ROLE_NONE
 *
 * Sets the role of the clients that come in at the URL that is not secured. A change takes effect
 * when the server is started next.
 *
 * Since: 1.1
 */
void
plant_rpc_server_set_unsecured_role (PlantRpcServer *self,
                                     PlantRpcRole    role)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcServiceState *state;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (role > PLANT_RPC_ROLE_NONE && role <= PLANT_RPC_ROLE_ADMINISTRATOR);

  hold = plant_rpc_server_enter (self);
  state = plant_rpc_server_get_parts (self)->serving;
  if (state->unsecured_role == role)
    return;
  state->unsecured_role = role;
  g_object_notify (G_OBJECT (self), "unsecured-role");
}

/**
 * plant_rpc_server_secure:
 * @self: a server that does not run
 * @name: the name of its pair of keys, such as `camera`
 * @error: return location for an error
 *
 * Secures the server with what is kept under a name on this computer: the pair of keys, which is
 * made if there is none, and the table of the keys that are allowed.
 *
 * It sets [property@Server:keypair] to the pair of [ctor@Keypair.ensure], and
 * [property@Server:authenticator] to one of [ctor@Authenticator.new_for_name]. Errors are those of
 * these two, and %G_IO_ERROR_BUSY if the server runs, since then it would stay as open as it is. A
 * server that could not be secured is left as it was, so do not start it then.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.1
 */
gboolean
plant_rpc_server_secure (PlantRpcServer  *self,
                         const char      *name,
                         GError         **error)
{
  g_autoptr (PlantRpcKeypair) keypair = NULL;
  g_autoptr (PlantRpcAuthenticator) authenticator = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  if (plant_rpc_server_get_running (self))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                           _("The server runs; stop it, secure it and start it again"));
      return FALSE;
    }
  keypair = plant_rpc_keypair_ensure (name, error);
  if (keypair == NULL)
    return FALSE;
  authenticator = plant_rpc_authenticator_new_for_name (name, error);
  if (authenticator == NULL)
    return FALSE;
  plant_rpc_server_set_keypair (self, keypair);
  plant_rpc_server_set_authenticator (self, authenticator);
  return TRUE;
}

/**
 * plant_rpc_server_invite:
 * @self: a secured server that runs
 * @role: the role that is given to who joins, not %PLANT_RPC_ROLE_NONE
 * @lifetime: for how many seconds the invitation is good, from 10 to 86400, or 0 for ten minutes
 * @error: return location for an error
 *
 * Invites somebody: makes a link by which one client can join, once. A program shows it in a window
 * or in its log; see [method@Authenticator.invite] for what it is, and
 * [signal@Authenticator::joined] for who has joined.
 *
 * Fails with %PLANT_RPC_ERROR_CLOSED if the server does not run, with %PLANT_RPC_ERROR_INVALID_URL
 * if it is not secured, has no authenticator or is not reached over TCP, and otherwise as
 * [method@Authenticator.invite] does.
 *
 * Returns: (transfer full): the link, which is a secret
 *
 * Since: 1.1
 */
char *
plant_rpc_server_invite (PlantRpcServer  *self,
                         PlantRpcRole     role,
                         guint            lifetime,
                         GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  const PlantRpcServiceState *state;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);
  g_return_val_if_fail (role > PLANT_RPC_ROLE_NONE && role <= PLANT_RPC_ROLE_ADMINISTRATOR, NULL);

  hold = plant_rpc_server_enter (self);
  state = plant_rpc_server_get_parts (self)->serving;
  if (!state->running)
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_CLOSED,
                                      _("The server does not run, so nobody can be invited"));
  if (state->authenticator == NULL)
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_INVALID_URL,
                                      _("The server is not secured, so nobody needs to be "
                                        "invited"));
  return plant_rpc_authenticator_invite (state->authenticator, state->url, role, lifetime, error);
}

/**
 * plant_rpc_server_set_member_role:
 * @self: a server
 * @name: the name of a method, or of a property in GObject's spelling or on the wire
 * @role: the role that is asked for, not %PLANT_RPC_ROLE_NONE
 *
 * Sets which role a secured server asks for: to call the method, or to write the property. The
 * default is %PLANT_RPC_ROLE_OPERATOR, or what an interface file says. Every client that is let in
 * may read the property.
 *
 * Clients that connect later are told; see [method@MethodInfo.get_role] and
 * [method@PropertyInfo.get_role].
 *
 * Since: 1.1
 */
void
plant_rpc_server_set_member_role (PlantRpcServer *self,
                                  const char     *name,
                                  PlantRpcRole    role)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (role > PLANT_RPC_ROLE_NONE && role <= PLANT_RPC_ROLE_ADMINISTRATOR);

  hold = plant_rpc_server_enter (self);
  plant_rpc_offer_set_role (plant_rpc_server_get_parts (self)->offer, name, role);
}
