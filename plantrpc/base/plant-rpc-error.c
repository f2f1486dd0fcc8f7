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

/* Language bindings create errors by the name of their domain. An error that is created before GLib
 * knows that this domain has private data would have no room for it, and reading it later would
 * read other memory. */
__attribute__ ((constructor))
static void
register_domain (void)
{
  plant_rpc_error_quark ();
}

/**
 * plant_rpc_error_quark:
 *
 * Gets the error domain of [error@Error], which is the value of %PLANT_RPC_ERROR.
 *
 * Returns: the error domain
 *
 * Since: 1.0
 */

typedef struct {
  const char *value_name;   /* NULL if there is no such code */
  const char *nick;         /* also the name on the wire */
  gboolean    may_have_run; /* TRUE: the request may have had an effect on the device */
  gboolean    is_for_peers; /* TRUE: a peer may give its failure this name */
} Traits;

#define TRAITS(code, nick, may_have_run, is_for_peers) \
  case PLANT_RPC_ERROR_##code: \
    return (Traits) { "PLANT_RPC_ERROR_" #code, nick, may_have_run, is_for_peers }

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wswitch"

/* The compiler refuses a code that is missing here. What happened to a request is for the caller's
 * own side to say: a peer that claimed one of those names for its failure would make the caller
 * believe that nothing ran. */
static Traits
get_traits (PlantRpcError code)
{
  switch (code)
    {
    TRAITS (REMOTE, "remote", TRUE, TRUE);
    TRAITS (NOT_SENT, "not-sent", FALSE, FALSE);
    TRAITS (OUTCOME_UNKNOWN, "outcome-unknown", TRUE, FALSE);
    TRAITS (PROTOCOL, "protocol", TRUE, TRUE);
    TRAITS (LIMIT, "limit", TRUE, TRUE);
    TRAITS (UNKNOWN_METHOD, "unknown-method", FALSE, TRUE);
    TRAITS (UNKNOWN_PROPERTY, "unknown-property", FALSE, TRUE);
    TRAITS (NOT_WRITABLE, "not-writable", FALSE, TRUE);
    TRAITS (INVALID_VALUE, "invalid-value", FALSE, TRUE);
    TRAITS (INVALID_ARGUMENTS, "invalid-arguments", FALSE, TRUE);
    TRAITS (NO_REPLY, "no-reply", TRUE, TRUE);
    TRAITS (REFUSED, "refused", FALSE, TRUE);
    TRAITS (INVALID_URL, "invalid-url", FALSE, TRUE);
    TRAITS (INVALID_INTERFACE, "invalid-interface", FALSE, TRUE);
    TRAITS (MISMATCH, "mismatch", FALSE, FALSE);
    TRAITS (CLOSED, "closed", FALSE, FALSE);
    }
  return (Traits) { NULL, NULL, TRUE, FALSE };
}

#pragma GCC diagnostic pop

/* Returns the number of codes, which begin at 0 and have no gaps. */
static guint
count_codes (void)
{
  guint n = 0;

  while (get_traits (n).nick != NULL)
    n++;
  return n;
}

/* The type is never unregistered, and neither are its values. */
static GType
register_type (void)
{
  guint n = count_codes ();
  GEnumValue *values = g_new0 (GEnumValue, n + 1);

  for (guint code = 0; code < n; code++)
    {
      Traits traits = get_traits (code);

      values[code] = (GEnumValue) { (int) code, traits.value_name, traits.nick };
    }
  return g_enum_register_static ("PlantRpcError", values);
}

GType
plant_rpc_error_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, register_type ());
  return type;
}

/**
 * plant_rpc_error_get_traceback:
 * @error: an error
 *
 * Gets the traceback, a text for people that shows where the other side failed.
 *
 * A binding that copies only the domain, the code and the message of an error loses the traceback,
 * as PyGObject does. Then [method@Client.get_last_traceback] returns it. Counterpart of
 * `NoResult.traceback`.
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
 * Gets the name that a plantrpc server gave the error. It is one of the nicks of [error@Error], or
 * the domain and code of another GError, as in `g-io-error-quark:1`.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if the error does not come from a peer or
 *   the peer sends no names
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
 * Tells whether the request may have had an effect on the device although it failed.
 *
 * A program should ask this before it repeats a call. The answer is %TRUE if the call timed out,
 * was cancelled or lost its connection after the request had been sent, if the handler failed, or
 * if the reply cannot be understood or is too large. It is %FALSE if the request certainly did not
 * run.
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
  return get_traits ((PlantRpcError) error->code).may_have_run;
}

gboolean
plant_rpc_error_fail (GError        **error,
                      PlantRpcError   code,
                      const char     *format,
                      ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (PLANT_RPC_ERROR, (int) code, format, args));
  va_end (args);
  return FALSE;
}

gboolean
plant_rpc_error_equal (const GError *a,
                       const GError *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_error_matches (a, b->domain, b->code) && g_str_equal (a->message, b->message);
}

char *
plant_rpc_error_dup_wire_name (const GError *error)
{
  const char *nick = NULL;

  /* What a peer called its failure is passed on. */
  if (g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE))
    nick = plant_rpc_error_get_private (error)->remote_name;
  if (nick == NULL && error->domain == PLANT_RPC_ERROR)
    nick = get_traits ((PlantRpcError) error->code).nick;
  if (nick != NULL)
    return g_strdup (nick);
  return g_strdup_printf ("%s:%d", g_quark_to_string (error->domain), error->code);
}

/* Returns the code that a peer means by a name. A name that is unknown, or not for peers, only
 * tells that the peer failed. */
static PlantRpcError
find_code (const char *wire_name)
{
  Traits traits;

  for (guint code = 0; (traits = get_traits (code)).nick != NULL; code++)
    {
      if (traits.is_for_peers && g_strcmp0 (wire_name, traits.nick) == 0)
        return code;
    }
  return PLANT_RPC_ERROR_REMOTE;
}

GError *
plant_rpc_error_new_remote (const char *wire_name,
                            const char *message,
                            const char *traceback)
{
  GError *error = g_error_new_literal (PLANT_RPC_ERROR, (int) find_code (wire_name), message);
  PlantRpcErrorPrivate *priv = plant_rpc_error_get_private (error);

  priv->remote_name = g_strdup (wire_name);
  priv->traceback = traceback != NULL && *traceback != '\0' ? g_strdup (traceback) : NULL;
  return error;
}

void
plant_rpc_error_believe (GError *error)
{
  const char *name = plant_rpc_error_get_remote_name (error);

  if (g_strcmp0 (name, get_traits (PLANT_RPC_ERROR_NOT_SENT).nick) == 0)
    error->code = PLANT_RPC_ERROR_NOT_SENT;
  else if (g_strcmp0 (name, get_traits (PLANT_RPC_ERROR_OUTCOME_UNKNOWN).nick) == 0)
    error->code = PLANT_RPC_ERROR_OUTCOME_UNKNOWN;
}

void
plant_rpc_error_drop_traceback (GError *error)
{
  if (error->domain == PLANT_RPC_ERROR)
    g_clear_pointer (&plant_rpc_error_get_private (error)->traceback, g_free);
}
