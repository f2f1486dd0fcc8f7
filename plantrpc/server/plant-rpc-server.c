/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-loan-private.h"
#include "plant-rpc-server-parts-private.h"

/**
 * PlantRpcServer:
 *
 * Offers one GObject at one URL, to plantrpc clients and to the Python clients of Plant Imager, of
 * both generations, all at the same time.
 *
 * The device is [property@Server:object]; by default the server itself, so that a device may be a
 * subclass. Its properties and signals are offered by introspection: all that are declared below
 * [class@GObject.Object] (below `PlantRpcServer` for a subclass) and whose types can travel;
 * [method@Server.hide_member] narrows that. Methods are registered with
 * [method@Server.register_method_json] and [method@Server.register_method_buffer].
 *
 * ## The life of a request
 *
 * 1. It is received in the server's main context. If it is not a valid request, the reply is an
 *    error, and the server goes on.
 * 2. A property is read with [method@GObject.Object.get_property] at once, unless the owner decides
 *    about reads: the handler of [method@Server.set_read_handler], or else the `read_property`
 *    virtual function. It lets the property be read so, or gives the value or an error itself, at
 *    once or later.
 * 3. A write is checked: the property must exist and be writable, the value must be of its type and
 *    in its range. Then the owner decides: the handler of [method@Server.set_write_handler], or
 *    else the `write_property` virtual function. Only a value that was accepted is set.
 * 4. A call is bound to the signature of its method, with the defaults filled in, and handed to its
 *    handler as a [class@Invocation].
 * 5. While a handler has not answered, the server serves other requests, also of the same client.
 *
 * If a client does not read its replies, the server holds up to 256 MiB of them. Its further
 * replies become %PLANT_RPC_ERROR_LIMIT, and no other client notices. [property@Server:max-unread]
 * limits what the server holds for all clients together, and [property@Server:max-peer-calls] how
 * many calls of one client may be under way.
 *
 * Signals of the object, and the `notify` of its properties, go to every client that has
 * subscribed, in order, and before the reply to the request that caused them. If the object
 * declares the signal `mode-changed`, Python clients get its emissions as `modeChanged`. Otherwise
 * the `notify` of the property `mode` is sent under that name.
 *
 * ## Contexts and threads
 *
 * A server belongs to the thread-default main context in which it was made. Handlers, `notify` and
 * all signals of the server arrive there. Handlers that were registered with
 * %PLANT_RPC_METHOD_FLAGS_BLOCKING run on worker threads instead: at most 32 in a process at a
 * time, and at most 8 for the calls of one client. Further calls wait, and the clients take turns.
 * The methods of the server may be called from any thread. The exported object may emit signals on
 * any thread: they are passed to the main context, in order with the answers of that thread. If a
 * property changes on another thread, its value is read in the main context.
 *
 * ## Stopping
 *
 * [method@Server.stop], or the release of the last reference, closes the server: clients lose their
 * connection, the cancellables of all invocations are cancelled, and later answers are dropped. The
 * server also releases all handlers, since a handler that is a bound method often keeps the server
 * alive. So register the handlers again before you start the server again.
 *
 * Counterpart of `RPCServer`.
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_PRIVATE (PlantRpcServer, plant_rpc_server, G_TYPE_OBJECT)

static GParamSpec *properties[PLANT_RPC_SERVER_PROP_UNSECURED_ROLE + 1];

PlantRpcServerPrivate *
plant_rpc_server_get_parts (PlantRpcServer *self)
{
  return plant_rpc_server_get_instance_private (self);
}

PlantRpcHold *
plant_rpc_server_enter (PlantRpcServer *self)
{
  return plant_rpc_home_enter (plant_rpc_server_get_parts (self)->home);
}

/* ---- what the parts tell and ask */

static void
on_changed (gpointer               owner,
            PlantRpcServerProperty property)
{
  g_object_notify_by_pspec (owner, properties[property]);
}

static void
on_stop (gpointer owner)
{
  plant_rpc_server_stop (owner);
}

static void
on_offer_changed (gpointer owner)
{
  plant_rpc_service_update (plant_rpc_server_get_parts (owner)->service);
}

/* The default handler of the class. */
static gboolean
accept_write (PlantRpcServer      *self,
              PlantRpcInvocation  *invocation,
              const char          *name,
              GVariant            *value,
              GError             **error)
{
  return TRUE;
}

static gboolean
decides_writes (gpointer owner)
{
  return PLANT_RPC_SERVER_GET_CLASS (owner)->write_property != accept_write;
}

static gboolean
decide_write (gpointer             owner,
              PlantRpcInvocation  *invocation,
              const char          *name,
              GVariant            *value,
              GError             **error)
{
  g_autoptr (PlantRpcServer) self = g_object_ref (owner);
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  return PLANT_RPC_SERVER_GET_CLASS (self)->write_property (self, invocation, name, value, error);
}

/* The default handler of the class. */
static gboolean
read_from_object (PlantRpcServer      *self,
                  PlantRpcInvocation  *invocation,
                  const char          *name,
                  GError             **error)
{
  return TRUE;
}

static gboolean
decides_reads (gpointer owner)
{
  return PLANT_RPC_SERVER_GET_CLASS (owner)->read_property != read_from_object;
}

static gboolean
decide_read (gpointer             owner,
             PlantRpcInvocation  *invocation,
             const char          *name,
             GError             **error)
{
  return PLANT_RPC_SERVER_GET_CLASS (owner)->read_property (owner, invocation, name, error);
}

static const PlantRpcOfferFuncs offer_funcs = {
  .changed = on_offer_changed,
  .decides_writes = decides_writes,
  .decide_write = decide_write,
  .decides_reads = decides_reads,
  .decide_read = decide_read,
};

static const PlantRpcServerFuncs server_funcs = {
  .changed = on_changed,
  .stop = on_stop,
};

/* ---- the class */

static void
plant_rpc_server_dispose (GObject *object)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_instance_private (PLANT_RPC_SERVER (object));
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter_dispose (priv->home, object);

  plant_rpc_server_stop (PLANT_RPC_SERVER (object));
  plant_rpc_offer_set_object (priv->offer, NULL);
  G_OBJECT_CLASS (plant_rpc_server_parent_class)->dispose (object);
}

static void
parts_free (PlantRpcServerPrivate *priv)
{
  g_autoptr (PlantRpcHome) home = g_steal_pointer (&priv->home);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (home);

  plant_rpc_offer_free (priv->offer);
  plant_rpc_registration_free (priv->registration);
  plant_rpc_service_free (priv->service);
}

static void
plant_rpc_server_finalize (GObject *object)
{
  parts_free (plant_rpc_server_get_instance_private (PLANT_RPC_SERVER (object)));
  G_OBJECT_CLASS (plant_rpc_server_parent_class)->finalize (object);
}

static void
plant_rpc_server_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  PlantRpcServer *self = PLANT_RPC_SERVER (object);
  PlantRpcServerPrivate *priv = plant_rpc_server_get_instance_private (self);
  g_autoptr (PlantRpcHold) hold = plant_rpc_server_enter (self);

  switch ((PlantRpcServerProperty) prop_id)
    {
    case PLANT_RPC_SERVER_PROP_OBJECT:
      g_value_set_object (value, plant_rpc_offer_get_object (priv->offer));
      break;
    case PLANT_RPC_SERVER_PROP_URL:
      g_value_set_string (value, priv->serving->url);
      break;
    case PLANT_RPC_SERVER_PROP_LEGACY:
      g_value_set_boolean (value, priv->serving->legacy);
      break;
    case PLANT_RPC_SERVER_PROP_PORT:
      g_value_set_uint (value, priv->serving->port);
      break;
    case PLANT_RPC_SERVER_PROP_RUNNING:
      g_value_set_boolean (value, priv->serving->running);
      break;
    case PLANT_RPC_SERVER_PROP_NAME:
      g_value_set_string (value, priv->serving->name);
      break;
    case PLANT_RPC_SERVER_PROP_UUID:
      g_value_set_string (value, plant_rpc_server_get_uuid (self));
      break;
    case PLANT_RPC_SERVER_PROP_PEER_ADDRESS:
      g_value_set_string (value, priv->serving->peer_address);
      break;
    case PLANT_RPC_SERVER_PROP_ALLOW_STOP:
      g_value_set_boolean (value, priv->serving->allow_stop);
      break;
    case PLANT_RPC_SERVER_PROP_REGISTERED:
      g_value_set_boolean (value, priv->listing->registered);
      break;
    case PLANT_RPC_SERVER_PROP_ALIVE_TIMEOUT:
      g_value_set_uint (value, priv->listing->alive_timeout);
      break;
    case PLANT_RPC_SERVER_PROP_EXIT_WITHOUT_REGISTRY:
      g_value_set_boolean (value, priv->listing->exit_without_registry);
      break;
    case PLANT_RPC_SERVER_PROP_MAX_PEER_CALLS:
      g_value_set_uint (value, priv->serving->max_peer_calls);
      break;
    case PLANT_RPC_SERVER_PROP_MAX_UNREAD:
      g_value_set_uint64 (value, priv->serving->max_unread);
      break;
    case PLANT_RPC_SERVER_PROP_KEYPAIR:
      g_value_set_boxed (value, priv->serving->keypair);
      break;
    case PLANT_RPC_SERVER_PROP_AUTHENTICATOR:
      g_value_set_object (value, priv->serving->authenticator);
      break;
    case PLANT_RPC_SERVER_PROP_UNSECURED_URL:
      g_value_set_string (value, priv->serving->unsecured_url);
      break;
    case PLANT_RPC_SERVER_PROP_UNSECURED_ROLE:
      g_value_set_enum (value, priv->serving->unsecured_role);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_server_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  PlantRpcServer *self = PLANT_RPC_SERVER (object);
  PlantRpcServerPrivate *priv = plant_rpc_server_get_instance_private (self);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (priv->home);

  switch (prop_id)
    {
    case PLANT_RPC_SERVER_PROP_OBJECT:
      plant_rpc_offer_set_object (priv->offer, g_value_get_object (value));
      break;
    case PLANT_RPC_SERVER_PROP_URL:
      plant_rpc_service_set_url (priv->service, g_value_get_string (value));
      break;
    case PLANT_RPC_SERVER_PROP_LEGACY:
      plant_rpc_service_get_state (priv->service)->legacy = g_value_get_boolean (value);
      break;
    case PLANT_RPC_SERVER_PROP_NAME:
      plant_rpc_service_set_name (priv->service, g_value_get_string (value));
      break;
    case PLANT_RPC_SERVER_PROP_ALLOW_STOP:
      plant_rpc_server_set_allow_stop (self, g_value_get_boolean (value));
      break;
    case PLANT_RPC_SERVER_PROP_ALIVE_TIMEOUT:
      plant_rpc_server_set_alive_timeout (self, g_value_get_uint (value));
      break;
    case PLANT_RPC_SERVER_PROP_EXIT_WITHOUT_REGISTRY:
      plant_rpc_server_set_exit_without_registry (self, g_value_get_boolean (value));
      break;
    case PLANT_RPC_SERVER_PROP_MAX_PEER_CALLS:
      plant_rpc_server_set_max_peer_calls (self, g_value_get_uint (value));
      break;
    case PLANT_RPC_SERVER_PROP_MAX_UNREAD:
      plant_rpc_server_set_max_unread (self, g_value_get_uint64 (value));
      break;
    case PLANT_RPC_SERVER_PROP_KEYPAIR:
      plant_rpc_server_set_keypair (self, g_value_get_boxed (value));
      break;
    case PLANT_RPC_SERVER_PROP_AUTHENTICATOR:
      plant_rpc_server_set_authenticator (self, g_value_get_object (value));
      break;
    case PLANT_RPC_SERVER_PROP_UNSECURED_URL:
      plant_rpc_server_set_unsecured_url (self, g_value_get_string (value));
      break;
    case PLANT_RPC_SERVER_PROP_UNSECURED_ROLE:
      plant_rpc_server_set_unsecured_role (self, g_value_get_enum (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_server_dispatch_properties_changed (GObject     *object,
                                              guint        n_pspecs,
                                              GParamSpec **pspecs)
{
  plant_rpc_home_notify (
      plant_rpc_server_get_parts (PLANT_RPC_SERVER (object))->home,
      G_OBJECT_CLASS (plant_rpc_server_parent_class)->dispatch_properties_changed, object, n_pspecs,
      pspecs);
}

static void
plant_rpc_server_class_init (PlantRpcServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispatch_properties_changed = plant_rpc_server_dispatch_properties_changed;
  object_class->dispose = plant_rpc_server_dispose;
  object_class->finalize = plant_rpc_server_finalize;
  object_class->get_property = plant_rpc_server_get_property;
  object_class->set_property = plant_rpc_server_set_property;
  klass->write_property = accept_write;
  klass->read_property = read_from_object;

  plant_rpc_server_make_properties (properties);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
plant_rpc_server_init (PlantRpcServer *self)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_instance_private (self);
  GMainContext *context;

  priv->home = plant_rpc_home_new_for_object ();
  context = plant_rpc_home_get_context (priv->home);
  priv->offer = plant_rpc_offer_new (context, PLANT_RPC_TYPE_SERVER, &offer_funcs, G_OBJECT (self));
  priv->service = plant_rpc_service_new (context, priv->offer, &server_funcs, self);
  priv->registration = plant_rpc_registration_new (context, priv->service, &server_funcs,
                                                   G_OBJECT (self));
  priv->serving = plant_rpc_service_get_state (priv->service);
  priv->listing = plant_rpc_registration_get_state (priv->registration);
}

/* ---- public */

/**
 * plant_rpc_server_new:
 * @object: (nullable): the object to offer; %NULL for the server itself
 * @url: the URL at which to listen, see [property@Server:url]
 *
 * Makes a server; [method@Server.start] starts it.
 *
 * Counterpart of `RPCServer(context, url)`.
 *
 * Returns: (transfer full): a server that does not run yet
 *
 * Since: 1.0
 */
PlantRpcServer *
plant_rpc_server_new (GObject    *object,
                      const char *url)
{
  g_return_val_if_fail (object == NULL || G_IS_OBJECT (object), NULL);
  g_return_val_if_fail (url != NULL, NULL);

  return g_object_new (PLANT_RPC_TYPE_SERVER, "object", object, "url", url, NULL);
}

/**
 * plant_rpc_server_get_uuid:
 * @self: a server
 *
 * Gets the identifier of this run, or that of the registration while the server is registered.
 *
 * Returns: (transfer none) (nullable): the identifier; %NULL before the first start
 *
 * Since: 1.0
 */
const char *
plant_rpc_server_get_uuid (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcServerPrivate *priv;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  hold = plant_rpc_server_enter (self);
  priv = plant_rpc_server_get_instance_private (self);
  return plant_rpc_loan_lend_string (
      priv->home, priv->listing->uuid != NULL ? priv->listing->uuid : priv->serving->uuid);
}

/**
 * plant_rpc_server_stop:
 * @self: a server
 *
 * Stops serving, and releases all handlers, even if the server was not running.
 *
 * The server closes its connections after it has sent its last messages. It cancels all invocations
 * under way and drops their later answers, so a handler that stops its own server must answer
 * first. If the server is registered, it is withdrawn, and waits at most a second for a connected
 * registry to confirm this. [method@Server.serve_forever] returns. The address is free once this
 * returns. To start the server again at the same URL, first register its handlers again.
 *
 * Counterpart of `RPCServer.stop_server`.
 *
 * Since: 1.0
 */
void
plant_rpc_server_stop (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcServerPrivate *priv;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  hold = plant_rpc_server_enter (self);
  priv = plant_rpc_server_get_instance_private (self);
  g_object_ref (self);
  g_object_freeze_notify (G_OBJECT (self));
  if (plant_rpc_service_is_inherited (priv->service))
    {
      plant_rpc_registration_abandon (priv->registration);
      plant_rpc_service_stop (priv->service);
    }
  else if (priv->serving->running)
    {
      plant_rpc_registration_leave (priv->registration);
      plant_rpc_service_stop (priv->service);
      plant_rpc_registration_withdraw (priv->registration, TRUE);
    }
  plant_rpc_offer_release_handlers (priv->offer);
  g_object_thaw_notify (G_OBJECT (self));
  g_object_unref (self);
}

/**
 * plant_rpc_server_set_allow_stop:
 * @self: a server
 * @allow_stop: whether a client may stop the server
 *
 * Sets whether a client may stop the server. The default is %FALSE.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_allow_stop (PlantRpcServer *self,
                                 gboolean        allow_stop)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcServiceState *state;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  hold = plant_rpc_server_enter (self);
  state = plant_rpc_server_get_parts (self)->serving;
  if (state->allow_stop == !!allow_stop)
    return;
  state->allow_stop = !!allow_stop;
  g_object_notify (G_OBJECT (self), "allow-stop");
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
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcServiceState *state;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (n_calls > 0 && n_calls <= PLANT_RPC_MAX_JOBS);

  hold = plant_rpc_server_enter (self);
  state = plant_rpc_server_get_parts (self)->serving;
  if (state->max_peer_calls == n_calls)
    return;
  state->max_peer_calls = n_calls;
  g_object_notify (G_OBJECT (self), "max-peer-calls");
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
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcServiceState *state;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (n_bytes >= 1024 * 1024);

  hold = plant_rpc_server_enter (self);
  state = plant_rpc_server_get_parts (self)->serving;
  if (state->max_unread == n_bytes)
    return;
  state->max_unread = n_bytes;
  g_object_notify (G_OBJECT (self), "max-unread");
}

/**
 * plant_rpc_server_set_alive_timeout:
 * @self: a server
 * @seconds: the time in s, more than 0
 *
 * Sets the time of silence after which a registry forgets the server. It applies to registrations
 * that are made later.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_alive_timeout (PlantRpcServer *self,
                                    guint           seconds)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcRegistrationState *state;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (seconds > 0);

  hold = plant_rpc_server_enter (self);
  state = plant_rpc_server_get_parts (self)->listing;
  if (state->alive_timeout == seconds)
    return;
  state->alive_timeout = seconds;
  g_object_notify (G_OBJECT (self), "alive-timeout");
}

/**
 * plant_rpc_server_set_exit_without_registry:
 * @self: a server
 * @exit: whether the server stops
 *
 * Sets whether the server stops when its registry does not answer any more. The default is %FALSE.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_exit_without_registry (PlantRpcServer *self,
                                            gboolean        exit)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcRegistrationState *state;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  hold = plant_rpc_server_enter (self);
  state = plant_rpc_server_get_parts (self)->listing;
  if (state->exit_without_registry == !!exit)
    return;
  state->exit_without_registry = !!exit;
  g_object_notify (G_OBJECT (self), "exit-without-registry");
}
