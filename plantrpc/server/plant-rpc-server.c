/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

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
 * 2. A property is read with [method@GObject.Object.get_property] at once.
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
 * The methods of the server must be called in its main context too. The exported object may emit
 * signals on any thread: they are passed to the main context, in order with the answers of that
 * thread. If a property changes on another thread, its value is read in the main context.
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

static GParamSpec *properties[PLANT_RPC_SERVER_PROP_MAX_UNREAD + 1];

PlantRpcServerPrivate *
plant_rpc_server_get_parts (PlantRpcServer *self)
{
  return plant_rpc_server_get_instance_private (self);
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

  return PLANT_RPC_SERVER_GET_CLASS (self)->write_property (self, invocation, name, value, error);
}

static const PlantRpcOfferFuncs offer_funcs = {
  .changed = on_offer_changed,
  .decides_writes = decides_writes,
  .decide_write = decide_write,
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

  plant_rpc_server_stop (PLANT_RPC_SERVER (object));
  plant_rpc_offer_set_object (priv->offer, NULL);
  G_OBJECT_CLASS (plant_rpc_server_parent_class)->dispose (object);
}

static void
plant_rpc_server_finalize (GObject *object)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_instance_private (PLANT_RPC_SERVER (object));

  /* Handlers that are released may set others, of which the service is told. */
  plant_rpc_offer_free (priv->offer);
  plant_rpc_registration_free (priv->registration);
  plant_rpc_service_free (priv->service);
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

  switch ((PlantRpcServerProperty) prop_id)
    {
    case PLANT_RPC_SERVER_PROP_OBJECT:
      g_value_set_object (value, plant_rpc_offer_get_object (priv->offer));
      break;
    case PLANT_RPC_SERVER_PROP_URL:
      g_value_set_string (value, priv->serving->url);
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

  switch (prop_id)
    {
    case PLANT_RPC_SERVER_PROP_OBJECT:
      plant_rpc_offer_set_object (priv->offer, g_value_get_object (value));
      break;
    case PLANT_RPC_SERVER_PROP_URL:
      plant_rpc_service_set_url (priv->service, g_value_get_string (value));
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
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_construction_properties (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS |
                            G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcServer:object: (getter get_object)
   *
   * The object that is offered. It is the server itself unless another object was given.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_OBJECT] =
      g_param_spec_object ("object", NULL, NULL, G_TYPE_OBJECT, flags);

  /**
   * PlantRpcServer:url: (getter get_url)
   *
   * The URL at which the server listens.
   *
   * It is given as `tcp://HOST:PORT`, as `tcp://HOST` for a free port from 10000 to 11999, as
   * `tcp://HOST:*` for a port that the system picks, or as `ipc://PATH`. HOST is a numeric address
   * (IPv6 in brackets), the name of a network interface, or `*` for all interfaces. While the
   * server runs, the URL has the actual port.
   *
   * Counterpart of `RPCServer.url`.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, flags);
}

static void
install_state_properties (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcServer:port: (getter get_port)
   *
   * The TCP port that the server listens on; 0 while it does not run, and over `ipc://`.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_PORT] =
      g_param_spec_uint ("port", NULL, NULL, 0, G_MAXUINT16, 0, flags);

  /**
   * PlantRpcServer:running: (getter get_running)
   *
   * Whether the server has been started and not been stopped.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_RUNNING] =
      g_param_spec_boolean ("running", NULL, NULL, FALSE, flags);

  /**
   * PlantRpcServer:uuid: (getter get_uuid)
   *
   * A random identifier of this run. Each start makes a new one. While the server is registered, it
   * is the identifier that the registry gave.
   *
   * Counterpart of `RPCServer.uuid`.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_UUID] = g_param_spec_string ("uuid", NULL, NULL, NULL, flags);

  /**
   * PlantRpcServer:peer-address: (getter get_peer_address)
   *
   * The IP address of the client that connected last.
   *
   * Counterpart of `RPCServer.peer_addr`.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_PEER_ADDRESS] =
      g_param_spec_string ("peer-address", NULL, NULL, NULL, flags);

  /**
   * PlantRpcServer:registered: (getter get_registered)
   *
   * Whether a registry lists the server, as far as is known.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_REGISTERED] =
      g_param_spec_boolean ("registered", NULL, NULL, FALSE, flags);
}

static void
install_settings (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcServer:name: (getter get_name) (setter set_name)
   *
   * The name that the server sends to clients. The default is empty. While the server is
   * registered, it is the name that the registry accepted.
   *
   * Counterpart of `RPCServer.name`.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", flags);

  /**
   * PlantRpcServer:allow-stop: (getter get_allow_stop) (setter set_allow_stop)
   *
   * Whether a client may stop the server. If it is %FALSE, clients that try get
   * %PLANT_RPC_ERROR_REFUSED.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_ALLOW_STOP] =
      g_param_spec_boolean ("allow-stop", NULL, NULL, FALSE, flags);

  /**
   * PlantRpcServer:alive-timeout: (getter get_alive_timeout) (setter set_alive_timeout)
   *
   * The seconds of silence after which the registry forgets the server. The server sends at least
   * three signs of life in that time. A change applies to registrations that are made later.
   *
   * Counterpart of the `alive_timeout` of `RPCServer`.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_ALIVE_TIMEOUT] =
      g_param_spec_uint ("alive-timeout", NULL, NULL, 1, G_MAXINT, 60, flags);
  /**
   * PlantRpcServer:exit-without-registry: (getter get_exit_without_registry)
   *   (setter set_exit_without_registry)
   *
   * Whether the server stops, like a server of Plant Imager, when its registry has not answered
   * three times in a row, which takes about 15 seconds. Otherwise the server continues, and
   * registers again under its name when the registry is back.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_EXIT_WITHOUT_REGISTRY] =
      g_param_spec_boolean ("exit-without-registry", NULL, NULL, FALSE, flags);

  /**
   * PlantRpcServer:max-peer-calls: (getter get_max_peer_calls) (setter set_max_peer_calls)
   *
   * How many calls and writes of one client may be under way at a time. Further ones fail with
   * %PLANT_RPC_ERROR_LIMIT. A change takes effect when the server is started next.
   *
   * All clients together may have 10,000 under way. One client may never have more than are left
   * for the others.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_SERVER_PROP_MAX_PEER_CALLS] =
      g_param_spec_uint ("max-peer-calls", NULL, NULL, 1, PLANT_RPC_MAX_JOBS,
                         PLANT_RPC_MAX_PEER_JOBS, flags);
  /**
   * PlantRpcServer:max-unread: (getter get_max_unread) (setter set_max_unread)
   *
   * How many bytes of replies, signals and property values the server holds, for all clients
   * together, because the clients do not read them. A change takes effect when the server is
   * started next.
   *
   * At this limit the client for which the server holds the most gives way: it loses signals, and
   * gets to know how many; or its replies become %PLANT_RPC_ERROR_LIMIT; or its connection is
   * closed.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_SERVER_PROP_MAX_UNREAD] =
      g_param_spec_uint64 ("max-unread", NULL, NULL, 1024 * 1024, G_MAXINT64,
                           PLANT_RPC_MAX_HOLDINGS, flags);
}

static void
plant_rpc_server_class_init (PlantRpcServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = plant_rpc_server_dispose;
  object_class->finalize = plant_rpc_server_finalize;
  object_class->get_property = plant_rpc_server_get_property;
  object_class->set_property = plant_rpc_server_set_property;
  klass->write_property = accept_write;

  install_construction_properties ();
  install_state_properties ();
  install_settings ();
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
plant_rpc_server_init (PlantRpcServer *self)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_instance_private (self);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

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
  PlantRpcServerPrivate *priv;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  priv = plant_rpc_server_get_instance_private (self);
  return priv->listing->uuid != NULL ? priv->listing->uuid : priv->serving->uuid;
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
 * registry to confirm this. [method@Server.serve_forever] returns. To start the server again at the
 * same URL, first register its handlers again.
 *
 * Counterpart of `RPCServer.stop_server`.
 *
 * Since: 1.0
 */
void
plant_rpc_server_stop (PlantRpcServer *self)
{
  PlantRpcServerPrivate *priv;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  priv = plant_rpc_server_get_instance_private (self);
  g_object_ref (self);
  g_object_freeze_notify (G_OBJECT (self));
  if (priv->serving->running)
    {
      plant_rpc_registration_leave (priv->registration);
      plant_rpc_service_stop (priv->service);
      plant_rpc_registration_withdraw (priv->registration, TRUE);
    }
  plant_rpc_offer_release_handlers (priv->offer);
  g_object_thaw_notify (G_OBJECT (self));
  g_object_unref (self);
}
