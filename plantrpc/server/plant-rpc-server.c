/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-server-private.h"

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

typedef enum {
  PROP_OBJECT = 1,
  PROP_URL,
  PROP_PORT,
  PROP_RUNNING,
  PROP_NAME,
  PROP_UUID,
  PROP_PEER_ADDRESS,
  PROP_ALLOW_STOP,
  PROP_REGISTERED,
  PROP_ALIVE_TIMEOUT,
  PROP_EXIT_WITHOUT_REGISTRY,
  PROP_MAX_PEER_CALLS,
  PROP_MAX_UNREAD,
} PlantRpcServerProperty;

static GParamSpec *properties[PROP_MAX_UNREAD + 1];

PlantRpcServerPrivate *
plant_rpc_server_get_private (PlantRpcServer *self)
{
  return plant_rpc_server_get_instance_private (self);
}

/* ---- the class */

static void
plant_rpc_server_dispose (GObject *object)
{
  plant_rpc_server_stop (PLANT_RPC_SERVER (object));
  g_clear_object (&plant_rpc_server_get_private (PLANT_RPC_SERVER (object))->object);
  G_OBJECT_CLASS (plant_rpc_server_parent_class)->dispose (object);
}

static void
plant_rpc_server_finalize (GObject *object)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (PLANT_RPC_SERVER (object));

  g_free (priv->url);
  g_free (priv->name);
  g_free (priv->uuid);
  g_free (priv->peer_address);
  g_free (priv->own_name);
  g_free (priv->registry_uuid);
  g_ptr_array_unref (priv->hidden);
  plant_rpc_method_table_free (priv->methods);
  g_clear_pointer (&priv->interface, plant_rpc_interface_info_unref);
  g_main_context_unref (priv->context);
  G_OBJECT_CLASS (plant_rpc_server_parent_class)->finalize (object);
}

static void
plant_rpc_server_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  PlantRpcServer *self = PLANT_RPC_SERVER (object);

  switch ((PlantRpcServerProperty) prop_id)
    {
    case PROP_OBJECT:
      g_value_set_object (value, plant_rpc_server_get_object (self));
      break;
    case PROP_URL:
      g_value_set_string (value, plant_rpc_server_get_url (self));
      break;
    case PROP_PORT:
      g_value_set_uint (value, plant_rpc_server_get_port (self));
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, plant_rpc_server_get_running (self));
      break;
    case PROP_NAME:
      g_value_set_string (value, plant_rpc_server_get_name (self));
      break;
    case PROP_UUID:
      g_value_set_string (value, plant_rpc_server_get_uuid (self));
      break;
    case PROP_PEER_ADDRESS:
      g_value_set_string (value, plant_rpc_server_get_peer_address (self));
      break;
    case PROP_ALLOW_STOP:
      g_value_set_boolean (value, plant_rpc_server_get_allow_stop (self));
      break;
    case PROP_REGISTERED:
      g_value_set_boolean (value, plant_rpc_server_get_registered (self));
      break;
    case PROP_ALIVE_TIMEOUT:
      g_value_set_uint (value, plant_rpc_server_get_alive_timeout (self));
      break;
    case PROP_EXIT_WITHOUT_REGISTRY:
      g_value_set_boolean (value, plant_rpc_server_get_exit_without_registry (self));
      break;
    case PROP_MAX_PEER_CALLS:
      g_value_set_uint (value, plant_rpc_server_get_max_peer_calls (self));
      break;
    case PROP_MAX_UNREAD:
      g_value_set_uint64 (value, plant_rpc_server_get_max_unread (self));
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
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);

  switch ((PlantRpcServerProperty) prop_id)
    {
    case PROP_OBJECT:
      priv->object = g_value_dup_object (value);
      break;
    case PROP_URL:
      priv->url = g_value_dup_string (value);
      break;
    case PROP_NAME:
      plant_rpc_server_set_name (self, g_value_get_string (value));
      break;
    case PROP_ALLOW_STOP:
      plant_rpc_server_set_allow_stop (self, g_value_get_boolean (value));
      break;
    case PROP_ALIVE_TIMEOUT:
      plant_rpc_server_set_alive_timeout (self, g_value_get_uint (value));
      break;
    case PROP_EXIT_WITHOUT_REGISTRY:
      plant_rpc_server_set_exit_without_registry (self, g_value_get_boolean (value));
      break;
    case PROP_MAX_PEER_CALLS:
      plant_rpc_server_set_max_peer_calls (self, g_value_get_uint (value));
      break;
    case PROP_MAX_UNREAD:
      plant_rpc_server_set_max_unread (self, g_value_get_uint64 (value));
      break;
    case PROP_REGISTERED:
    case PROP_PORT:
    case PROP_RUNNING:
    case PROP_UUID:
    case PROP_PEER_ADDRESS:
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
   * The object that is offered; the server itself unless another was given.
   *
   * Since: 1.0
   */
  properties[PROP_OBJECT] = g_param_spec_object ("object", NULL, NULL, G_TYPE_OBJECT, flags);

  /**
   * PlantRpcServer:url: (getter get_url)
   *
   * Where the server listens.
   *
   * Given as `tcp://HOST:PORT`; as `tcp://HOST` for a free port from 10000 to 11999; as
   * `tcp://HOST:*` for one that the system picks; or as `ipc://PATH`. HOST is a numeric address
   * (IPv6 in brackets), the name of a network interface, or `*` for all. While the server runs this
   * is the URL with the port that it has.
   *
   * Counterpart of `RPCServer.url`.
   *
   * Since: 1.0
   */
  properties[PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, flags);
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
  properties[PROP_PORT] = g_param_spec_uint ("port", NULL, NULL, 0, G_MAXUINT16, 0, flags);

  /**
   * PlantRpcServer:running: (getter get_running)
   *
   * Whether the server has been started and not been stopped.
   *
   * Since: 1.0
   */
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, flags);

  /**
   * PlantRpcServer:uuid: (getter get_uuid)
   *
   * A random identifier of this run: each start makes a new one. While the server is registered
   * it is the one that the registry gave.
   *
   * Counterpart of `RPCServer.uuid`.
   *
   * Since: 1.0
   */
  properties[PROP_UUID] = g_param_spec_string ("uuid", NULL, NULL, NULL, flags);

  /**
   * PlantRpcServer:peer-address: (getter get_peer_address)
   *
   * The IP address of the client that connected last.
   *
   * Counterpart of `RPCServer.peer_addr`.
   *
   * Since: 1.0
   */
  properties[PROP_PEER_ADDRESS] = g_param_spec_string ("peer-address", NULL, NULL, NULL, flags);
}

static void
install_settings (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcServer:name: (getter get_name) (setter set_name)
   *
   * The name that clients are told; empty at first. Registering sets it to the name that the
   * registry accepted, until the registration is withdrawn.
   *
   * Counterpart of `RPCServer.name`.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", flags);

  /**
   * PlantRpcServer:allow-stop: (getter get_allow_stop) (setter set_allow_stop)
   *
   * Whether a client may stop the server. Without it clients that try get
   * %PLANT_RPC_ERROR_REFUSED.
   *
   * Since: 1.0
   */
  properties[PROP_ALLOW_STOP] = g_param_spec_boolean ("allow-stop", NULL, NULL, FALSE, flags);
}

static void
install_registration_properties (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcServer:registered: (getter get_registered)
   *
   * Whether a registry lists the server, as far as is known.
   *
   * Since: 1.0
   */
  properties[PROP_REGISTERED] =
      g_param_spec_boolean ("registered", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PlantRpcServer:alive-timeout: (getter get_alive_timeout) (setter set_alive_timeout)
   *
   * After how many seconds of silence the registry is to forget the server. Signs of life are sent
   * at least three times as often. It counts for registrations that are made later.
   *
   * Counterpart of the `alive_timeout` of `RPCServer`.
   *
   * Since: 1.0
   */
  properties[PROP_ALIVE_TIMEOUT] =
      g_param_spec_uint ("alive-timeout", NULL, NULL, 1, G_MAXINT, 60, flags);
  /**
   * PlantRpcServer:exit-without-registry: (getter get_exit_without_registry)
   *   (setter set_exit_without_registry)
   *
   * Whether the server stops when its registry has not answered three times in a row, which takes
   * about 15 seconds, as a server of Plant Imager does. Otherwise it goes on, and registers again,
   * under its name, when the registry is back.
   *
   * Since: 1.0
   */
  properties[PROP_EXIT_WITHOUT_REGISTRY] =
      g_param_spec_boolean ("exit-without-registry", NULL, NULL, FALSE, flags);
}

static void
install_limits (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

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
  properties[PROP_MAX_PEER_CALLS] = g_param_spec_uint ("max-peer-calls", NULL, NULL, 1,
                                                       PLANT_RPC_MAX_JOBS,
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
  properties[PROP_MAX_UNREAD] = g_param_spec_uint64 ("max-unread", NULL, NULL, 1024 * 1024,
                                                     G_MAXINT64, PLANT_RPC_MAX_HOLDINGS, flags);
}

static void
plant_rpc_server_class_init (PlantRpcServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = plant_rpc_server_dispose;
  object_class->finalize = plant_rpc_server_finalize;
  object_class->get_property = plant_rpc_server_get_property;
  object_class->set_property = plant_rpc_server_set_property;
  klass->write_property = plant_rpc_server_accept_write;

  install_construction_properties ();
  install_state_properties ();
  install_settings ();
  install_registration_properties ();
  install_limits ();
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
plant_rpc_server_init (PlantRpcServer *self)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);

  priv->context = g_main_context_ref_thread_default ();
  priv->name = g_strdup ("");
  priv->alive_timeout = 60;
  priv->max_peer_calls = PLANT_RPC_MAX_PEER_JOBS;
  priv->max_unread = PLANT_RPC_MAX_HOLDINGS;
  priv->hidden = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (priv->hidden, NULL);
  priv->methods = plant_rpc_method_table_new (priv->context);
}

/* ---- public */

/**
 * plant_rpc_server_new:
 * @object: (nullable): the object to offer; %NULL for the server itself
 * @url: where to listen, see [property@Server:url]
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
 * plant_rpc_server_get_object:
 * @self: a server
 *
 * Gets the object that is offered.
 *
 * Returns: (transfer none): the object; @self if no other was given
 *
 * Since: 1.0
 */
GObject *
plant_rpc_server_get_object (PlantRpcServer *self)
{
  PlantRpcServerPrivate *priv;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  priv = plant_rpc_server_get_private (self);
  return priv->object != NULL ? priv->object : G_OBJECT (self);
}

/**
 * plant_rpc_server_get_url:
 * @self: a server
 *
 * Gets the URL as it was given, or, while the server runs, the one with its port.
 *
 * A wildcard host stays `*`: what clients put there depends on where they are.
 *
 * Returns: (transfer none) (nullable): the URL
 *
 * Since: 1.0
 */
const char *
plant_rpc_server_get_url (PlantRpcServer *self)
{
  PlantRpcServerPrivate *priv;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  priv = plant_rpc_server_get_private (self);
  return priv->bound_url != NULL ? priv->bound_url : priv->url;
}

/**
 * plant_rpc_server_get_port:
 * @self: a server
 *
 * Gets the TCP port that the server listens on.
 *
 * Returns: the port; 0 while it does not run, and over `ipc://`
 *
 * Since: 1.0
 */
guint
plant_rpc_server_get_port (PlantRpcServer *self)
{
  PlantRpcServerPrivate *priv;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), 0);

  priv = plant_rpc_server_get_private (self);
  return priv->dispatcher != NULL ? plant_rpc_dispatcher_get_port (priv->dispatcher) : 0;
}

/**
 * plant_rpc_server_get_running:
 * @self: a server
 *
 * Tells whether the server runs.
 *
 * Returns: whether it has been started and not been stopped
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_get_running (PlantRpcServer *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  return plant_rpc_server_get_private (self)->dispatcher != NULL;
}

/**
 * plant_rpc_server_get_name:
 * @self: a server
 *
 * Gets the name that clients are told.
 *
 * Returns: (transfer none): the name, maybe empty
 *
 * Since: 1.0
 */
const char *
plant_rpc_server_get_name (PlantRpcServer *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);
  return plant_rpc_server_get_private (self)->name;
}

/**
 * plant_rpc_server_set_name:
 * @self: a server
 * @name: (nullable): a name; %NULL is the empty one
 *
 * Sets the name that clients are told when they connect.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_name (PlantRpcServer *self,
                           const char     *name)
{
  PlantRpcServerPrivate *priv;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  priv = plant_rpc_server_get_private (self);
  if (g_strcmp0 (priv->name, name != NULL ? name : "") == 0)
    return;
  g_free (priv->name);
  priv->name = g_strdup (name != NULL ? name : "");
  plant_rpc_server_update_interface (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
}

/**
 * plant_rpc_server_get_uuid:
 * @self: a server
 *
 * Gets the identifier of this run, or, while it is registered, of the registration.
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

  priv = plant_rpc_server_get_private (self);
  return priv->registry_uuid != NULL ? priv->registry_uuid : priv->uuid;
}

/**
 * plant_rpc_server_get_peer_address:
 * @self: a server
 *
 * Gets the IP address of the client that connected last.
 *
 * Returns: (transfer none) (nullable): the address; %NULL before the first client
 *
 * Since: 1.0
 */
const char *
plant_rpc_server_get_peer_address (PlantRpcServer *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);
  return plant_rpc_server_get_private (self)->peer_address;
}

/**
 * plant_rpc_server_get_allow_stop:
 * @self: a server
 *
 * Tells whether a client may stop the server.
 *
 * Returns: whether it may
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_get_allow_stop (PlantRpcServer *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  return plant_rpc_server_get_private (self)->allow_stop;
}

/**
 * plant_rpc_server_set_allow_stop:
 * @self: a server
 * @allow_stop: whether a client may stop the server
 *
 * Sets whether a client may stop the server; at first none may.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_allow_stop (PlantRpcServer *self,
                                 gboolean        allow_stop)
{
  PlantRpcServerPrivate *priv;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  priv = plant_rpc_server_get_private (self);
  if (priv->allow_stop == !!allow_stop)
    return;
  priv->allow_stop = !!allow_stop;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ALLOW_STOP]);
}
