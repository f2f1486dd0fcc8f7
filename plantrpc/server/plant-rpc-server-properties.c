/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-limits-private.h"
#include "plant-rpc-server-parts-private.h"

/* The properties of a server. */

static void
make_construction_properties (GParamSpec **properties)
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
   * (IPv6 in brackets), a name of this computer such as `localhost`, the name of a network
   * interface, or `*` for all interfaces. While the server runs, the URL has the actual port.
   *
   * A name is looked up when the server starts. The server listens at one of its addresses that
   * this computer has: at one that others can reach if there is one, and at an IPv4 address rather
   * than an IPv6 one.
   *
   * Counterpart of `RPCServer.url`.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, flags);

  /**
   * PlantRpcServer:legacy:
   *
   * Whether the object is as one of Plant Imager: peers may read by name what is no property of it,
   * and its signals have the types that its clients declare.
   *
   * [callback@ReadHandler], or the `read_property` virtual function, is asked for each such name
   * and must answer itself. Nothing of it is told in the inventory. Signals with a null are sent to
   * clients of Plant Imager, too, which would receive no further signals after a null that they do
   * not expect. It is for scripts that were written for Plant Imager's module.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_SERVER_PROP_LEGACY] =
      g_param_spec_boolean ("legacy", NULL, NULL, FALSE, flags);
}

static void
make_state_properties (GParamSpec **properties)
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
make_settings (GParamSpec **properties)
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
make_security_properties (GParamSpec **properties)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcServer:keypair: (getter get_keypair) (setter set_keypair)
   *
   * The key pair by which clients know the server. With it the server is secured: what goes over
   * its connections is encrypted, only clients whose keys [property@Server:authenticator] allows
   * may connect, and the native wire alone is served. Without it everybody who reaches the server
   * may use it. A change takes effect when the server is started next.
   *
   * While a secured server runs, its public key stands at the end of [property@Server:url].
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_SERVER_PROP_KEYPAIR] =
      g_param_spec_boxed ("keypair", NULL, NULL, PLANT_RPC_TYPE_KEYPAIR, flags);

  /**
   * PlantRpcServer:authenticator: (getter get_authenticator) (setter set_authenticator)
   *
   * Who may connect to the server, and with which role, if it has a [property@Server:keypair]. If
   * it has one and no authenticator, nobody may. A change takes effect when the server is started
   * next.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_SERVER_PROP_AUTHENTICATOR] = g_param_spec_object (
      "authenticator", NULL, NULL, PLANT_RPC_TYPE_AUTHENTICATOR, flags);

  /**
   * PlantRpcServer:unsecured-url: (getter get_unsecured_url) (setter set_unsecured_url)
   *
   * A second URL, at which a secured server lets in everybody, as clients of Plant Imager have no
   * keys. It has the forms of [property@Server:url], and while the server runs it has the actual
   * port. By default there is none. A change takes effect when the server is started next.
   *
   * All wires are served there, without encryption. Whoever comes in has the role
   * [property@Server:unsecured-role]. So use an address that few can reach, such as
   * `tcp://127.0.0.1:5000`, or an `ipc://` path for the programs of one user.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_SERVER_PROP_UNSECURED_URL] =
      g_param_spec_string ("unsecured-url", NULL, NULL, NULL, flags);

  /**
   * PlantRpcServer:unsecured-role: (getter get_unsecured_role) (setter set_unsecured_role)
   *
   * The role of the clients that come in at [property@Server:unsecured-url]. A change takes effect
   * when the server is started next.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_SERVER_PROP_UNSECURED_ROLE] = g_param_spec_enum (
      "unsecured-role", NULL, NULL, PLANT_RPC_TYPE_ROLE, PLANT_RPC_ROLE_OPERATOR, flags);
}

void
plant_rpc_server_make_properties (GParamSpec **properties)
{
  make_construction_properties (properties);
  make_state_properties (properties);
  make_settings (properties);
  make_security_properties (properties);
}
