/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-error-private.h"

typedef struct {
  char *traceback;   /* (owned) (nullable) */
  char *remote_name; /* (owned) (nullable): what the peer called it */
} PlantRpcErrorPrivate;

static void
plant_rpc_error_private_init (PlantRpcErrorPrivate *priv)
{
  priv->traceback = NULL;
  priv->remote_name = NULL;
}

static void
plant_rpc_error_private_copy (const PlantRpcErrorPrivate *source,
                              PlantRpcErrorPrivate       *target)
{
  target->traceback = g_strdup (source->traceback);
  target->remote_name = g_strdup (source->remote_name);
}

static void
plant_rpc_error_private_clear (PlantRpcErrorPrivate *priv)
{
  g_free (priv->traceback);
  g_free (priv->remote_name);
}

G_DEFINE_EXTENDED_ERROR (PlantRpcError, plant_rpc_error)

/* Bindings make errors by the name of their domain. One made before GLib knows that errors of this
 * domain carry more would have no room for it, and be read beyond its start later. */
__attribute__ ((constructor))
static void
register_domain (void)
{
  plant_rpc_error_quark ();
}

/**
 * plant_rpc_error_quark:
 *
 * Gets what [error@Error] is registered under, the value of %PLANT_RPC_ERROR.
 *
 * Returns: the error domain
 *
 * Since: 1.0
 */

/* One row a code, in the order of the enumeration: wire names are the nicks. */
static const GEnumValue values[] = {
  { PLANT_RPC_ERROR_REMOTE, "PLANT_RPC_ERROR_REMOTE", "remote" },
  { PLANT_RPC_ERROR_NOT_SENT, "PLANT_RPC_ERROR_NOT_SENT", "not-sent" },
  { PLANT_RPC_ERROR_OUTCOME_UNKNOWN, "PLANT_RPC_ERROR_OUTCOME_UNKNOWN", "outcome-unknown" },
  { PLANT_RPC_ERROR_PROTOCOL, "PLANT_RPC_ERROR_PROTOCOL", "protocol" },
  { PLANT_RPC_ERROR_LIMIT, "PLANT_RPC_ERROR_LIMIT", "limit" },
  { PLANT_RPC_ERROR_UNKNOWN_METHOD, "PLANT_RPC_ERROR_UNKNOWN_METHOD", "unknown-method" },
  { PLANT_RPC_ERROR_UNKNOWN_PROPERTY, "PLANT_RPC_ERROR_UNKNOWN_PROPERTY", "unknown-property" },
  { PLANT_RPC_ERROR_NOT_WRITABLE, "PLANT_RPC_ERROR_NOT_WRITABLE", "not-writable" },
  { PLANT_RPC_ERROR_INVALID_VALUE, "PLANT_RPC_ERROR_INVALID_VALUE", "invalid-value" },
  { PLANT_RPC_ERROR_INVALID_ARGUMENTS, "PLANT_RPC_ERROR_INVALID_ARGUMENTS", "invalid-arguments" },
  { PLANT_RPC_ERROR_NO_REPLY, "PLANT_RPC_ERROR_NO_REPLY", "no-reply" },
  { PLANT_RPC_ERROR_REFUSED, "PLANT_RPC_ERROR_REFUSED", "refused" },
  { PLANT_RPC_ERROR_INVALID_URL, "PLANT_RPC_ERROR_INVALID_URL", "invalid-url" },
  { PLANT_RPC_ERROR_INVALID_INTERFACE, "PLANT_RPC_ERROR_INVALID_INTERFACE", "invalid-interface" },
  { PLANT_RPC_ERROR_MISMATCH, "PLANT_RPC_ERROR_MISMATCH", "mismatch" },
  { PLANT_RPC_ERROR_CLOSED, "PLANT_RPC_ERROR_CLOSED", "closed" },
  { 0, NULL, NULL },
};

G_STATIC_ASSERT (G_N_ELEMENTS (values) == PLANT_RPC_ERROR_CLOSED + 2);

GType
plant_rpc_error_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("PlantRpcError", values));
  return type;
}

/**
 * plant_rpc_error_get_traceback:
 * @error: an error
 *
 * Gets the text for humans that tells where the other side failed.
 *
 * It is lost where a binding copies only domain, code and message, as PyGObject does: there
 * [method@Client.get_last_traceback] has it. Counterpart of `NoResult.traceback`.
 *
 * Returns: (transfer none) (nullable): the traceback, of as many lines as the peer sent
 *
 * Since: 1.0
 */
const char *
plant_rpc_error_get_traceback (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);

  if (error->domain != PLANT_RPC_ERROR)
    return NULL;
  return plant_rpc_error_get_private (error)->traceback;
}

/**
 * plant_rpc_error_get_remote_name:
 * @error: an error
 *
 * Gets the name that a plantrpc server gave the error: one of the nicks of [error@Error], or
 * domain and code of another GError, as in `g-io-error-quark:1`.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if the error was not told by a peer
 *   or the peer gives no names
 *
 * Since: 1.0
 */
const char *
plant_rpc_error_get_remote_name (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);

  if (error->domain != PLANT_RPC_ERROR)
    return NULL;
  return plant_rpc_error_get_private (error)->remote_name;
}

/**
 * plant_rpc_error_may_have_run:
 * @error: the error of a call or a write
 *
 * Tells whether the request may have had an effect on the device all the same.
 *
 * It is the question to ask before a call is repeated: true where the time ran out, the call was
 * cancelled or the connection was lost after the request had been sent, the handler failed
 * in the middle, or the reply cannot be understood or is too large; false where it certainly did
 * not run.
 *
 * Returns: whether the request may have run
 *
 * Since: 1.0
 */
gboolean
plant_rpc_error_may_have_run (const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  if (error->domain == G_IO_ERROR)
    return error->code == G_IO_ERROR_TIMED_OUT || error->code == G_IO_ERROR_CANCELLED;
  if (error->domain != PLANT_RPC_ERROR)
    return FALSE;
  return error->code == PLANT_RPC_ERROR_OUTCOME_UNKNOWN || error->code == PLANT_RPC_ERROR_REMOTE ||
         error->code == PLANT_RPC_ERROR_NO_REPLY || error->code == PLANT_RPC_ERROR_PROTOCOL ||
         error->code == PLANT_RPC_ERROR_LIMIT;
}

char *
plant_rpc_error_dup_wire_name (const GError *error)
{
  if (error->domain == PLANT_RPC_ERROR && (guint) error->code <= PLANT_RPC_ERROR_CLOSED)
    return g_strdup (values[error->code].value_nick);
  return g_strdup_printf ("%s:%d", g_quark_to_string (error->domain), error->code);
}

/* What happened to a request is for the caller's own side to say: a peer that claims one of
 * these names for its failure would make the caller believe that nothing ran. */
static gboolean
is_for_peers (int code)
{
  return code != PLANT_RPC_ERROR_NOT_SENT && code != PLANT_RPC_ERROR_OUTCOME_UNKNOWN &&
         code != PLANT_RPC_ERROR_CLOSED && code != PLANT_RPC_ERROR_MISMATCH;
}

GError *
plant_rpc_error_new_remote (const char *wire_name,
                            const char *message,
                            const char *traceback)
{
  int code = PLANT_RPC_ERROR_REMOTE;
  GError *error;
  PlantRpcErrorPrivate *priv;

  for (int i = 0; wire_name != NULL && values[i].value_nick != NULL; i++)
    {
      if (is_for_peers (i) && g_str_equal (wire_name, values[i].value_nick))
        code = i;
    }

  error = g_error_new_literal (PLANT_RPC_ERROR, code, message);
  priv = plant_rpc_error_get_private (error);
  priv->remote_name = g_strdup (wire_name);
  priv->traceback = traceback != NULL && *traceback != '\0' ? g_strdup (traceback) : NULL;
  return error;
}
