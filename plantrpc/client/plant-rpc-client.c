/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-client-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-follower-private.h"
#include "plant-rpc-loan-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-remote-object-private.h"
#include "plant-rpc-runtime-type-private.h"

/**
 * PlantRpcClient:
 *
 * The remote object, seen locally.
 *
 * Plain, made by [ctor@Client.new], it is used by name: [method@Client.call],
 * [method@Client.read_property], [method@Client.write_property], [signal@Client::signal-received].
 * Typed, made by [ctor@Client.new_for_type] or [func@Client.discover], it is an instance of a type
 * made for the device: each remote property is a GObject property with `notify`, each remote signal
 * a GSignal, so that `g_object_bind_property()` and GtkExpression work on it.
 *
 * ## Connection
 *
 * A client exists at once, before the device is switched on, connects by itself and does so again
 * after each loss; [property@Client:state] tells how it stands. It finds out whether the server is
 * of either generation of Plant Imager's Python module or speaks the native wire. On each
 * connection it subscribes first, then takes a snapshot of all properties, then notifies of what
 * differs and of nothing else, then becomes ready. A call made before that waits within its own
 * timeout. When the connection is lost the calls under way fail at once with
 * %PLANT_RPC_ERROR_OUTCOME_UNKNOWN; nothing is ever sent twice. A call that could not be sent,
 * since the connection had been lost before, waits for the next one within its own timeout.
 *
 * ## Properties
 *
 * Reading a property never touches the network. A local write while ready is shown at once and
 * notified, and goes out; it is confirmed or taken back by the device, which is notified from a
 * later turn of the loop. A write that cannot be sent or is refused is told by
 * [signal@Client::write-failed]. [class@Property], from [method@Client.lookup_property], has the
 * state of each.
 *
 * While the device has not answered the write of a property, only the newest value that is written
 * to it waits, and goes out then. So a slider does not send more than the device takes. A value
 * that was replaced while it waited is neither confirmed nor refused. The device gets writes and
 * calls in the order in which they are made: what waits goes out before a call, and before a read
 * or write by name, which are sent one for one.
 *
 * ## Changes and signals
 *
 * Changes of properties are merged: `notify` is emitted from the main loop, once all that has
 * arrived was read, and at most once for each property and turn of the loop. Signals are emitted
 * one by one and in order. A change is notified before the signals that the device sent after it,
 * unless handlers take long; then it may come later, merged with later changes. It never comes
 * before a signal that the device sent before it. The signal that tells of the change itself, such
 * as `levelChanged` for `level`, has no order with `notify`. What the device has sent before the
 * reply to a call is emitted before the call ends.
 *
 * Handlers that take long do not keep a window from being drawn: after them the client lets all
 * sources of the context down to the priority of drawing have their turn.
 * [property@Property:max-rate] limits how often a property is notified.
 *
 * ## Contexts and threads
 *
 * A client belongs to the thread-default [struct@GLib.MainContext] in which it was made: its
 * handlers of `notify` and of signals run there and only there, also for what other threads cause.
 * Its functions may be called from any thread. The callback of an asynchronous one arrives in the
 * thread-default context of its caller. The `_sync` functions never run a main context: they block
 * on this client's connection and keep what else arrives until the loop runs again, merged and
 * bounded. If the loop runs in another thread, it goes on meanwhile.
 *
 * A string, an error or another object that a getter returns without giving it away stays valid in
 * the thread that runs the main context until it changes. Another thread gets a copy, which is
 * freed after 64 more of them.
 *
 * Disposing of a client closes it: calls that wait end with %PLANT_RPC_ERROR_CLOSED, calls that
 * were sent with %PLANT_RPC_ERROR_OUTCOME_UNKNOWN.
 *
 * Counterpart of `RPCClient`. There is no `context` argument: one ZeroMQ context serves the
 * process.
 *
 * Since: 1.0
 */

static GParamSpec *properties[PLANT_RPC_CLIENT_PROP_N_DROPPED + 1];

typedef struct {
  PlantRpcHome         *home;      /* (owned): where this object was made */
  PlantRpcSession      *session;   /* (owned) */
  PlantRpcInbox        *inbox;     /* (owned) */
  PlantRpcWaiters      *waiters;   /* (owned) */
  PlantRpcRemoteObject *remote;    /* (owned) */
  PlantRpcState         state;     /* as last notified */
  GError               *error;     /* (owned) (nullable): likewise */
  char                 *traceback; /* (owned) (nullable): of the last failed call */
  PlantRpcFollower     *follower;  /* (owned) (nullable): looks for the device */
  PlantRpcUnknownDevices unknown;  /* what it does about devices that are not known */
  PlantRpcClientWatch   watch;     /* (nullable) */
  gpointer              watch_data;
} PlantRpcClientPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (PlantRpcClient, plant_rpc_client, G_TYPE_OBJECT)

/* Names of members are protected against those of this class, also before there is a client. */
__attribute__ ((constructor))
static void
set_parent_type (void)
{
  plant_rpc_names_set_parent_type (plant_rpc_client_get_type);
}

#define PRIV(self) \
  ((PlantRpcClientPrivate *) plant_rpc_client_get_instance_private (PLANT_RPC_CLIENT (self)))

/* ---- what the session tells */

static void
on_snapshot (gpointer  owner,
             GVariant *values)
{
  g_autoptr (GObject) guard = g_object_ref (owner);

  plant_rpc_remote_object_take_snapshot (PRIV (owner)->remote, values);
}

static void
notify_error (PlantRpcClient *self)
{
  PlantRpcClientPrivate *priv = PRIV (self);
  const GError *error = plant_rpc_session_get_error (priv->session);

  if (plant_rpc_error_equal (error, priv->error))
    return;
  g_clear_error (&priv->error);
  priv->error = error != NULL ? g_error_copy (error) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PLANT_RPC_CLIENT_PROP_LAST_ERROR]);
}

/* The state was FORMER before, or is still the same. */
static void
notify_state (PlantRpcClient *self,
              PlantRpcState   former)
{
  GObject *object = G_OBJECT (self);
  PlantRpcState state = plant_rpc_session_get_state (PRIV (self)->session);
  gboolean ready = plant_rpc_state_is_ready (state);

  g_object_freeze_notify (object);
  notify_error (self);
  if (state != former)
    g_object_notify_by_pspec (object, properties[PLANT_RPC_CLIENT_PROP_STATE]);
  if (ready != plant_rpc_state_is_ready (former))
    g_object_notify_by_pspec (object, properties[PLANT_RPC_CLIENT_PROP_READY]);
  for (guint i = PLANT_RPC_CLIENT_PROP_WIRE;
       ready && state != former && i <= PLANT_RPC_CLIENT_PROP_PEER_ADDRESS; i++)
    g_object_notify_by_pspec (object, properties[i]);
  g_object_thaw_notify (object);
}

static void
notify_changed (gpointer owner,
                gpointer data)
{
  PlantRpcClientPrivate *priv = PRIV (owner);
  PlantRpcState former = priv->state;
  g_autoptr (GObject) guard = g_object_ref (owner);

  priv->state = plant_rpc_session_get_state (priv->session);
  notify_state (owner, former);
  if (priv->watch != NULL)
    priv->watch (priv->watch_data);
  plant_rpc_waiters_check (priv->waiters);
  if (priv->follower != NULL)
    plant_rpc_follower_check (priv->follower);
}

static void
on_changed (gpointer owner)
{
  PlantRpcClientPrivate *priv = PRIV (owner);

  plant_rpc_remote_object_update_live (priv->remote);
  /* The values of a snapshot are notified before the client is ready. */
  plant_rpc_inbox_defer_last (priv->inbox, PLANT_RPC_INBOX_KEY ("state"), notify_changed);
}

static void
on_received (gpointer                owner,
             const PlantRpcEmission *emission,
             guint64                 sequence,
             gsize                   size)
{
  g_autoptr (GObject) guard = g_object_ref (owner);

  plant_rpc_remote_object_take_emission (PRIV (owner)->remote, emission, sequence, size);
}

static void
on_series (gpointer        owner,
           PlantRpcSeries *series)
{
  plant_rpc_remote_object_take_series (PRIV (owner)->remote, series);
}

static void
on_together (gpointer owner,
             gboolean together)
{
  g_autoptr (GObject) guard = g_object_ref (owner);

  if (together)
    plant_rpc_inbox_hold (PRIV (owner)->inbox);
  else
    plant_rpc_inbox_show_held (PRIV (owner)->inbox);
}

static void
on_lost (gpointer owner,
         guint64  n_lost)
{
  plant_rpc_remote_object_note_lost (PRIV (owner)->remote, n_lost);
}

static const PlantRpcSessionFuncs session_funcs = {
  .changed = on_changed,
  .snapshot = on_snapshot,
  .signals = {
    .received = on_received,
    .lost = on_lost,
    .together = on_together,
    .series = on_series,
  },
};

/* ---- the properties of a runtime type */

static void
set_remote_property (GObject      *object,
                     guint         prop_id,
                     const GValue *value,
                     GParamSpec   *pspec)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (PRIV (object)->home);

  plant_rpc_remote_object_set_installed (PRIV (object)->remote,
                                         prop_id - PLANT_RPC_RUNTIME_FIRST_PROPERTY, value);
}

static void
get_remote_property (GObject    *object,
                     guint       prop_id,
                     GValue     *value,
                     GParamSpec *pspec)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (PRIV (object)->home);
  const GValue *shown = plant_rpc_remote_object_peek_installed (
      PRIV (object)->remote, prop_id - PLANT_RPC_RUNTIME_FIRST_PROPERTY);

  if (G_IS_VALUE (shown))
    g_value_copy (shown, value);
  else
    g_param_value_set_default (pspec, value);
}

/* ---- life */

static void
take_session (PlantRpcClient  *self,
              PlantRpcSession *session)
{
  PlantRpcClientPrivate *priv = PRIV (self);

  if (priv->session != NULL)
    plant_rpc_session_set_owner (priv->session, NULL, NULL);
  g_clear_pointer (&priv->session, plant_rpc_session_unref);
  priv->session = session;
  plant_rpc_session_set_owner (session, &session_funcs, self);
}

void
plant_rpc_client_adopt (PlantRpcClient  *self,
                        PlantRpcSession *session,
                        GVariant        *values)
{
  PlantRpcClientPrivate *priv = PRIV (self);

  plant_rpc_server_profile_set_template (
      plant_rpc_session_get_profile (session),
      plant_rpc_runtime_type_get_interface (G_OBJECT_TYPE (self)));
  take_session (self, plant_rpc_session_ref (session));
  plant_rpc_remote_object_set_session (priv->remote, session);
  priv->state = plant_rpc_session_get_state (session);
  plant_rpc_remote_object_take_snapshot (priv->remote, values);
  plant_rpc_remote_object_update_live (priv->remote);
  plant_rpc_remote_object_forget_changes (priv->remote);
}

static void
notify_url (gpointer owner,
            gpointer data)
{
  g_object_notify_by_pspec (owner, properties[PLANT_RPC_CLIENT_PROP_URL]);
}

void
plant_rpc_client_move (PlantRpcClient *self,
                       const char     *url)
{
  PlantRpcClientPrivate *priv = PRIV (self);

  plant_rpc_inbox_defer (priv->inbox, PLANT_RPC_INBOX_KEY ("url"), notify_url, NULL, NULL);
  plant_rpc_session_move (priv->session, url);
}

static void
notify_unknown_key (gpointer owner,
                    gpointer data)
{
  g_object_notify_by_pspec (owner, properties[PLANT_RPC_CLIENT_PROP_UNKNOWN_KEY]);
}

void
plant_rpc_client_note_unknown_key (PlantRpcClient *self)
{
  plant_rpc_inbox_defer (PRIV (self)->inbox, PLANT_RPC_INBOX_KEY ("unknown-key"),
                         notify_unknown_key, NULL, NULL);
}

PlantRpcFollower *
plant_rpc_client_get_follower (PlantRpcClient *self)
{
  return PRIV (self)->follower;
}

PlantRpcUnknownDevices *
plant_rpc_client_get_unknown (PlantRpcClient *self)
{
  return &PRIV (self)->unknown;
}

void
plant_rpc_client_take_follower (PlantRpcClient   *self,
                                PlantRpcFollower *follower,
                                const char       *device)
{
  PlantRpcClientPrivate *priv = PRIV (self);

  plant_rpc_session_follow (priv->session, device);
  g_clear_pointer (&priv->follower, plant_rpc_follower_free);
  priv->follower = follower;
  plant_rpc_driver_accompany (plant_rpc_session_get_driver (priv->session),
                              &plant_rpc_follower_companion, follower);
}

static void
start (PlantRpcClient *self)
{
  PlantRpcClientPrivate *priv = PRIV (self);

  if (plant_rpc_link_get_url (plant_rpc_session_get_link (priv->session)) != NULL)
    plant_rpc_session_start (priv->session);
  priv->state = plant_rpc_session_get_state (priv->session);
}

static void
plant_rpc_client_constructed (GObject *object)
{
  PlantRpcClientPrivate *priv = PRIV (object);
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcInterfaceInfo *info = plant_rpc_runtime_type_get_interface (G_OBJECT_TYPE (object));

  G_OBJECT_CLASS (plant_rpc_client_parent_class)->constructed (object);

  if (info != NULL)
    {
      plant_rpc_server_profile_set_template (plant_rpc_session_get_profile (priv->session), info);
      plant_rpc_remote_object_install (priv->remote, info);
    }
  hold = plant_rpc_home_enter (priv->home);
  start (PLANT_RPC_CLIENT (object));
}

/**
 * plant_rpc_client_close:
 * @self: a client
 *
 * Closes the connection, for good.
 *
 * Values of properties that wait are sent before. Calls that wait end with
 * %PLANT_RPC_ERROR_CLOSED, calls that were sent with %PLANT_RPC_ERROR_OUTCOME_UNKNOWN. The
 * properties keep their last values. The change of
 * [property@Client:state] and [property@Client:ready] is notified later, from the main context, and
 * not at all if the client is freed before.
 *
 * Since: 1.0
 */
void
plant_rpc_client_close (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcClientPrivate *priv;
  g_autoptr (GObject) guard = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));

  hold = plant_rpc_client_enter (self);
  priv = PRIV (self);
  if (plant_rpc_session_get_state (priv->session) == PLANT_RPC_STATE_CLOSED)
    return;
  plant_rpc_driver_accompany (plant_rpc_session_get_driver (priv->session), NULL, NULL);
  g_clear_pointer (&priv->follower, plant_rpc_follower_free);
  guard = g_object_ref (G_OBJECT (self));
  if (plant_rpc_client_is_ready (self))
    plant_rpc_remote_object_send_writes (priv->remote);
  plant_rpc_session_close (priv->session);
}

static void
plant_rpc_client_dispatch_properties_changed (GObject     *object,
                                              guint        n_pspecs,
                                              GParamSpec **pspecs)
{
  plant_rpc_home_notify (
      PRIV (object)->home,
      G_OBJECT_CLASS (plant_rpc_client_parent_class)->dispatch_properties_changed, object, n_pspecs,
      pspecs);
}

static void
plant_rpc_client_dispose (GObject *object)
{
  PlantRpcClientPrivate *priv = PRIV (object);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter_dispose (priv->home, object);

  plant_rpc_inbox_close (priv->inbox);
  plant_rpc_client_close (PLANT_RPC_CLIENT (object));
  plant_rpc_waiters_check (priv->waiters);
  plant_rpc_remote_object_detach (priv->remote);
  G_OBJECT_CLASS (plant_rpc_client_parent_class)->dispose (object);
}

static void
parts_free (PlantRpcClientPrivate *priv)
{
  g_autoptr (PlantRpcHome) home = g_steal_pointer (&priv->home);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (home);

  plant_rpc_session_set_owner (priv->session, NULL, NULL);
  g_clear_pointer (&priv->session, plant_rpc_session_unref);
  plant_rpc_inbox_free (priv->inbox);
  plant_rpc_waiters_free (priv->waiters);
  plant_rpc_remote_object_free (priv->remote);
  g_free (priv->traceback);
  g_clear_error (&priv->error);
}

static void
plant_rpc_client_finalize (GObject *object)
{
  parts_free (PRIV (object));
  G_OBJECT_CLASS (plant_rpc_client_parent_class)->finalize (object);
}

static void
plant_rpc_client_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  PlantRpcClient *self = PLANT_RPC_CLIENT (object);
  g_autoptr (PlantRpcHold) hold = plant_rpc_client_enter (self);

  switch (prop_id)
    {
    case PLANT_RPC_CLIENT_PROP_URL:
      plant_rpc_link_set_url (plant_rpc_session_get_link (PRIV (self)->session),
                              g_value_get_string (value));
      break;
    case PLANT_RPC_CLIENT_PROP_TIMEOUT:
      plant_rpc_client_set_timeout (self, g_value_get_int (value));
      break;
    case PLANT_RPC_CLIENT_PROP_RECEIVE_SIGNALS:
      plant_rpc_session_set_receives (PRIV (self)->session, g_value_get_boolean (value));
      break;
    case PLANT_RPC_CLIENT_PROP_LEGACY:
      plant_rpc_server_profile_set_legacy (plant_rpc_session_get_profile (PRIV (self)->session),
                                           g_value_get_boolean (value));
      break;
    case PLANT_RPC_CLIENT_PROP_HEARTBEAT_INTERVAL:
      plant_rpc_client_set_heartbeat_interval (self, g_value_get_uint (value));
      break;
    case PLANT_RPC_CLIENT_PROP_PROPERTY_TIMEOUT:
      plant_rpc_client_set_property_timeout (self, g_value_get_int (value));
      break;
    case PLANT_RPC_CLIENT_PROP_SEND_TIMEOUT:
      plant_rpc_client_set_send_timeout (self, g_value_get_int (value));
      break;
    case PLANT_RPC_CLIENT_PROP_KEYPAIR:
      plant_rpc_client_set_keypair (self, g_value_get_boxed (value));
      break;
    case PLANT_RPC_CLIENT_PROP_UNKNOWN_DEVICES:
      plant_rpc_client_set_unknown_devices (self, g_value_get_enum (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_client_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  PlantRpcClient *self = PLANT_RPC_CLIENT (object);
  g_autoptr (PlantRpcHold) hold = plant_rpc_client_enter (self);
  PlantRpcSession *session = PRIV (self)->session;

  switch ((PlantRpcClientProperty) prop_id)
    {
    case PLANT_RPC_CLIENT_PROP_URL:
      g_value_set_string (value, plant_rpc_client_get_url (self));
      break;
    case PLANT_RPC_CLIENT_PROP_TIMEOUT:
      g_value_set_int (value, plant_rpc_session_get_patience (session));
      break;
    case PLANT_RPC_CLIENT_PROP_RECEIVE_SIGNALS:
      g_value_set_boolean (value, plant_rpc_session_get_receives (session));
      break;
    case PLANT_RPC_CLIENT_PROP_LEGACY:
      g_value_set_boolean (value, plant_rpc_server_profile_is_legacy (
                                      plant_rpc_session_get_profile (session)));
      break;
    case PLANT_RPC_CLIENT_PROP_HEARTBEAT_INTERVAL:
      g_value_set_uint (value, plant_rpc_client_get_heartbeat_interval (self));
      break;
    case PLANT_RPC_CLIENT_PROP_PROPERTY_TIMEOUT:
      g_value_set_int (value, plant_rpc_client_get_property_timeout (self));
      break;
    case PLANT_RPC_CLIENT_PROP_SEND_TIMEOUT:
      g_value_set_int (value, plant_rpc_client_get_send_timeout (self));
      break;
    case PLANT_RPC_CLIENT_PROP_KEYPAIR:
      g_value_set_boxed (value, plant_rpc_client_get_keypair (self));
      break;
    case PLANT_RPC_CLIENT_PROP_UNKNOWN_DEVICES:
      g_value_set_enum (value, plant_rpc_client_get_unknown_devices (self));
      break;
    case PLANT_RPC_CLIENT_PROP_UNKNOWN_KEY:
      g_value_take_string (value, plant_rpc_client_dup_unknown_key (self));
      break;
    case PLANT_RPC_CLIENT_PROP_ROLE:
      g_value_set_enum (value, plant_rpc_client_get_role (self));
      break;
    case PLANT_RPC_CLIENT_PROP_STATE:
      g_value_set_enum (value, plant_rpc_session_get_state (session));
      break;
    case PLANT_RPC_CLIENT_PROP_READY:
      g_value_set_boolean (value, plant_rpc_client_is_ready (self));
      break;
    case PLANT_RPC_CLIENT_PROP_WIRE:
      g_value_set_enum (value, plant_rpc_session_get_wire (session));
      break;
    case PLANT_RPC_CLIENT_PROP_LAST_ERROR:
      g_value_set_boxed (value, plant_rpc_session_get_error (session));
      break;
    case PLANT_RPC_CLIENT_PROP_INTERFACE:
      g_value_set_boxed (value, plant_rpc_session_get_interface (session));
      break;
    case PLANT_RPC_CLIENT_PROP_MISSING:
      g_value_set_boxed (value, plant_rpc_client_get_missing (self));
      break;
    case PLANT_RPC_CLIENT_PROP_NAME:
      g_value_set_string (value, plant_rpc_client_get_name (self));
      break;
    case PLANT_RPC_CLIENT_PROP_OWN_ADDRESS:
      g_value_set_string (value, plant_rpc_client_get_own_address (self));
      break;
    case PLANT_RPC_CLIENT_PROP_PEER_ADDRESS:
      g_value_set_string (value, plant_rpc_client_get_peer_address (self));
      break;
    case PLANT_RPC_CLIENT_PROP_N_LATE_REPLIES:
      g_value_set_uint (value, plant_rpc_client_get_n_late_replies (self));
      break;
    case PLANT_RPC_CLIENT_PROP_N_DROPPED:
      g_value_set_uint (value, plant_rpc_client_get_n_dropped (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
note_refusal (PlantRpcClient *self,
              const char     *name,
              const GError   *error)
{
  plant_rpc_client_note_traceback (self, error);
}

static void
plant_rpc_client_class_init (PlantRpcClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = plant_rpc_client_constructed;
  object_class->dispatch_properties_changed = plant_rpc_client_dispatch_properties_changed;
  object_class->dispose = plant_rpc_client_dispose;
  object_class->finalize = plant_rpc_client_finalize;
  object_class->set_property = plant_rpc_client_set_property;
  object_class->get_property = plant_rpc_client_get_property;
  plant_rpc_client_make_properties (properties);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  plant_rpc_client_make_signals (G_TYPE_FROM_CLASS (klass), G_CALLBACK (note_refusal));
}

static void
plant_rpc_client_init (PlantRpcClient *self)
{
  PlantRpcClientPrivate *priv = PRIV (self);
  GMainContext *context;

  priv->home = plant_rpc_home_new_for_object ();
  context = plant_rpc_home_get_context (priv->home);
  priv->inbox = plant_rpc_inbox_new (context, self);
  priv->waiters = plant_rpc_waiters_new (context, self);
  priv->remote = plant_rpc_remote_object_new (G_OBJECT (self), priv->inbox, priv->waiters);
  take_session (self, plant_rpc_session_new (context));
  plant_rpc_remote_object_set_session (priv->remote, priv->session);
}

GType
plant_rpc_client_make_type (PlantRpcInterfaceInfo  *info,
                            GType                   template_type,
                            const char             *peer,
                            GError                **error)
{
  return plant_rpc_runtime_type_get (info, template_type, PLANT_RPC_TYPE_CLIENT, peer,
                                     set_remote_property, get_remote_property, error);
}

void
plant_rpc_client_set_watch (PlantRpcClient      *self,
                            PlantRpcClientWatch  watch,
                            gpointer             user_data)
{
  PRIV (self)->watch = watch;
  PRIV (self)->watch_data = user_data;
}

PlantRpcHome *
plant_rpc_client_get_home (PlantRpcClient *self)
{
  return PRIV (self)->home;
}

PlantRpcHold *
plant_rpc_client_enter (PlantRpcClient *self)
{
  return plant_rpc_home_enter (PRIV (self)->home);
}

PlantRpcRemoteObject *
plant_rpc_client_get_remote (PlantRpcClient *self)
{
  return PRIV (self)->remote;
}

PlantRpcSession *
plant_rpc_client_get_session (PlantRpcClient *self)
{
  return PRIV (self)->session;
}

PlantRpcInbox *
plant_rpc_client_get_inbox (PlantRpcClient *self)
{
  return PRIV (self)->inbox;
}

PlantRpcWaiters *
plant_rpc_client_get_waiters (PlantRpcClient *self)
{
  return PRIV (self)->waiters;
}

void
plant_rpc_client_note_traceback (PlantRpcClient *self,
                                 const GError   *error)
{
  PlantRpcClientPrivate *priv = PRIV (self);

  g_free (priv->traceback);
  g_clear_error (&priv->error);
  priv->traceback = g_strdup (plant_rpc_error_get_traceback (error));
}

/**
 * plant_rpc_client_get_url:
 * @self: a client
 *
 * Gets where the server is.
 *
 * Returns: (transfer none) (nullable): the url
 *
 * Since: 1.0
 */
const char *
plant_rpc_client_get_url (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_loan_lend_string (
      PRIV (self)->home,
      plant_rpc_link_get_url (plant_rpc_session_get_link (PRIV (self)->session)));
}

/**
 * plant_rpc_client_get_last_traceback:
 * @self: a client
 *
 * Gets the traceback that came with the error of the call or write of this client that failed
 * last.
 *
 * It is for languages whose errors carry nothing but domain, code and message; others have
 * [func@Error.get_traceback]. Counterpart of `NoResult.traceback`.
 *
 * Returns: (transfer none) (nullable): the traceback, or %NULL if the peer gave none
 *
 * Since: 1.0
 */
const char *
plant_rpc_client_get_last_traceback (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_loan_lend_string (PRIV (self)->home, PRIV (self)->traceback);
}
