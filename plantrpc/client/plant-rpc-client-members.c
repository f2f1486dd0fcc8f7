/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"

/* The properties and signals of a client. */

static void
make_settings (GParamSpec **properties)
{
  /**
   * PlantRpcClient:url:
   *
   * Where the server is: `tcp://HOST:PORT`, with an IPv6 address in brackets, or `ipc://PATH`. A
   * client that follows a device has none until that was found, and another whenever it moves.
   *
   * A name of a host is looked up for each connection anew, and all of its addresses are tried. If
   * there is no host with that name, [property@Client:last-error] is %G_IO_ERROR_HOST_NOT_FOUND,
   * calls that wait end at once, and the client goes on trying. See [Addresses](addresses.html).
   *
   * The public key of a secured server follows after a `#`. If keys keep the client from its
   * server, the error is %G_IO_ERROR_PERMISSION_DENIED. See [Trust](trust.html).
   *
   * A url that cannot be understood leaves the client disconnected, with
   * %PLANT_RPC_ERROR_INVALID_URL as its [property@Client:last-error].
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_URL] =
      g_param_spec_string ("url", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS |
                               G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PlantRpcClient:timeout:
   *
   * How long a server that takes the connection may stay silent before
   * [property@Client:last-error] says so, in ms. It is not given up: a busy server answers later.
   * Counterpart of the `timeout` of `RPCClient`, which fails then.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_TIMEOUT] =
      g_param_spec_int ("timeout", NULL, NULL, 1, G_MAXINT, 1000,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS |
                            G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PlantRpcClient:receive-signals:
   *
   * Whether a server of Plant Imager is asked for its signals.
   *
   * Without them such a server tells no changes: [method@Client.refresh] and
   * [method@Client.read_property] do. It is for programs that only call, read and write. A
   * generation 1 server sends its signals to the client that asked last, and hangs with the next
   * one when that client has ended; a generation 2 server sends each once more for every client
   * that has asked. A plantrpc server has neither trouble, and is always asked. Nor is it found out
   * of which generation the server is: [property@Client:wire] stays %PLANT_RPC_WIRE_UNKNOWN.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_RECEIVE_SIGNALS] =
      g_param_spec_boolean ("receive-signals", NULL, NULL, TRUE,
                            G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS |
                                G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PlantRpcClient:legacy:
   *
   * Whether the client does no more than a client of Plant Imager does.
   *
   * It speaks JSON to every server, and a server takes it for such a client. No property is read
   * but by [method@Client.read_property], so a getter that takes long delays nobody who connects.
   * What that function returns is what the device has sent, of whatever type. The properties of the
   * client itself keep their defaults. It is for scripts that were written for Plant Imager's
   * module. Counterpart of `RPCClient`.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_LEGACY] =
      g_param_spec_boolean ("legacy", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS |
                                G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PlantRpcClient:heartbeat-interval:
   *
   * How often a server that is silent is asked for a sign of life, in ms, or 0 if it is not asked.
   *
   * A server that does not answer within this time, and does not take another connection either, is
   * %PLANT_RPC_STATE_SUSPECT until something arrives from it again. So a process that stands still
   * is noticed as soon as a cut cable, although nobody calls it. A server that is only busy takes
   * connections and is not suspect, however long it is busy. A server of Plant Imager serves one
   * request at a time, so it is not asked while a call of this client waits for its reply.
   *
   * The server is asked once on another connection, too. If it answers there and not on this one,
   * as behind a tunnel that has forgotten a connection, the client gives this one up and connects
   * again. It does so, too, if the server has been suspect for 15 intervals. Calls that were sent
   * end with %PLANT_RPC_ERROR_OUTCOME_UNKNOWN.
   *
   * The interval must be longer than a round trip to the server.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_HEARTBEAT_INTERVAL] =
      g_param_spec_uint ("heartbeat-interval", NULL, NULL, 0, G_MAXUINT,
                         PLANT_RPC_HEARTBEAT_INTERVAL,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PlantRpcClient:property-timeout:
   *
   * How long the reading or writing of a property may take in all, in ms, or
   * %PLANT_RPC_TIMEOUT_NONE.
   *
   * It holds for [method@Client.read_property], [method@Client.write_property], their forms that
   * block, and writes through a GObject property.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_PROPERTY_TIMEOUT] =
      g_param_spec_int ("property-timeout", NULL, NULL, PLANT_RPC_TIMEOUT_NONE, G_MAXINT,
                        PLANT_RPC_TIMEOUT_DEFAULT,
                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PlantRpcClient:send-timeout:
   *
   * How long a call, a read or a write waits to be sent while the client is not ready, in ms, or
   * %PLANT_RPC_TIMEOUT_NONE for as long as its own timeout.
   *
   * Then it fails with %PLANT_RPC_ERROR_NOT_SENT. With 0 it fails at once. A program that runs no
   * main loop connects only while a function blocks. There a few hundred ms give a device that is
   * back the time to be noticed.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_SEND_TIMEOUT] =
      g_param_spec_int ("send-timeout", NULL, NULL, PLANT_RPC_TIMEOUT_NONE, G_MAXINT,
                        PLANT_RPC_TIMEOUT_NONE,
                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * PlantRpcClient:keypair: (getter get_keypair) (setter set_keypair)
   *
   * The key pair by which secured servers know the client. It is used if the url has the key of the
   * server, as in `tcp://192.168.1.5:5000#KEY`. With %NULL, the default, it is that of the user,
   * which [ctor@Keypair.ensure] makes under the name `default` when it is first needed. A change
   * takes effect with the next connection, which is the one that is being made while the client is
   * not connected.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_CLIENT_PROP_KEYPAIR] = g_param_spec_boxed (
      "keypair", NULL, NULL, PLANT_RPC_TYPE_KEYPAIR,
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * PlantRpcClient:unknown-devices: (getter get_unknown_devices) (setter set_unknown_devices)
   *
   * What the client does about a device that it finds in a registry by name, with a key that is not
   * known yet. It makes a difference only if the registry is not secured: one that is vouches for
   * the key. See [method@Client.follow_device].
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_CLIENT_PROP_UNKNOWN_DEVICES] = g_param_spec_enum (
      "unknown-devices", NULL, NULL, PLANT_RPC_TYPE_UNKNOWN_DEVICES,
      PLANT_RPC_UNKNOWN_DEVICES_REFUSE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * PlantRpcClient:unknown-key: (getter dup_unknown_key)
   *
   * The public key of a device that was found and waits to be accepted, for a window that shows it
   * and calls [method@Client.accept_key]. It is %NULL if no device waits, and always unless
   * [property@Client:unknown-devices] is %PLANT_RPC_UNKNOWN_DEVICES_ASK.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_CLIENT_PROP_UNKNOWN_KEY] =
      g_param_spec_string ("unknown-key", NULL, NULL, NULL,
                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
make_state_properties (GParamSpec **properties)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcClient:state:
   *
   * How the connection stands.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, PLANT_RPC_TYPE_STATE,
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
  properties[PLANT_RPC_CLIENT_PROP_READY] =
      g_param_spec_boolean ("ready", NULL, NULL, FALSE, flags);
  /**
   * PlantRpcClient:last-error: (getter get_last_error)
   *
   * Why the client is not ready, or %NULL.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_LAST_ERROR] =
      g_param_spec_boxed ("last-error", NULL, NULL, G_TYPE_ERROR, flags);
  /**
   * PlantRpcClient:wire:
   *
   * Which wire the server speaks, as found when it became ready.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_WIRE] =
      g_param_spec_enum ("wire", NULL, NULL, PLANT_RPC_TYPE_WIRE,
                         PLANT_RPC_WIRE_UNKNOWN, flags);
  /**
   * PlantRpcClient:interface:
   *
   * What the device offers; %NULL until it was ready once.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_INTERFACE] =
      g_param_spec_boxed ("interface", NULL, NULL, PLANT_RPC_TYPE_INTERFACE_INFO, flags);
  /**
   * PlantRpcClient:missing:
   *
   * Wire names of what the type of this client has and the device lacks, or has with a type or
   * arguments that do not fit.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_MISSING] =
      g_param_spec_boxed ("missing", NULL, NULL, G_TYPE_STRV, flags);
  /**
   * PlantRpcClient:name:
   *
   * The name that a registry accepted for the device; empty if it is not registered, %NULL until
   * the client was ready once. Counterpart of `RPCClient.name`.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);

  /**
   * PlantRpcClient:role: (getter get_role)
   *
   * What the server lets this client do: %PLANT_RPC_ROLE_ADMINISTRATOR if the server is not
   * secured, and %PLANT_RPC_ROLE_NONE if the client was never ready. If the server gives the client
   * another role, the connection is made again.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_CLIENT_PROP_ROLE] = g_param_spec_enum (
      "role", NULL, NULL, PLANT_RPC_TYPE_ROLE, PLANT_RPC_ROLE_NONE, flags);
  /**
   * PlantRpcClient:own-address:
   *
   * The IP address of this side of the connection. Counterpart of `RPCClient.own_address`.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_OWN_ADDRESS] =
      g_param_spec_string ("own-address", NULL, NULL, NULL, flags);
  /**
   * PlantRpcClient:peer-address:
   *
   * The IP address of the server. Counterpart of `RPCClient.peer_address`.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_PEER_ADDRESS] =
      g_param_spec_string ("peer-address", NULL, NULL, NULL, flags);
  /**
   * PlantRpcClient:n-late-replies:
   *
   * How many replies came after their call had ended. Does not notify.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_N_LATE_REPLIES] =
      g_param_spec_uint ("n-late-replies", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * PlantRpcClient:n-dropped:
   *
   * How many signals, values and messages of the peer did not fit and were dropped. Does not
   * notify.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_CLIENT_PROP_N_DROPPED] =
      g_param_spec_uint ("n-dropped", NULL, NULL, 0, G_MAXUINT, 0, flags);
}

void
plant_rpc_client_make_properties (GParamSpec **properties)
{
  make_settings (properties);
  make_state_properties (properties);
}

void
plant_rpc_client_make_signals (GType     type,
                               GCallback note_refusal)
{
  /**
   * PlantRpcClient::write-failed:
   * @self: the client
   * @name: the GObject name of the property
   * @error: why the write was refused, or could not be sent
   *
   * Emitted when a write of a GObject property of this client did not take effect. The property
   * shows the device's value again. It comes in the main context of the client, from a later turn
   * of the loop than the write.
   *
   * Since: 1.0
   */
  g_signal_new_class_handler ("write-failed", type, G_SIGNAL_RUN_FIRST,
                              note_refusal, NULL, NULL, NULL, G_TYPE_NONE, 2,
                              G_TYPE_STRING, G_TYPE_ERROR);
  /**
   * PlantRpcClient::signal-received:
   * @self: the client
   * @name: the name of the signal on the wire
   * @args: its arguments, as `av`
   *
   * Emitted for each signal of the device, before the GSignal of a typed client, in the main
   * context of the client. The detail is the name on the wire.
   *
   * Since: 1.0
   */
  g_signal_new ("signal-received", type, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL,
                NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_VARIANT);
  /**
   * PlantRpcClient::signals-lost:
   * @self: the client
   * @n_lost: how many, or 0 if that is not known
   *
   * Emitted when signals of the device did not reach the application: because it or the network was
   * too slow, or because they could not be understood. The client reads the properties anew by
   * itself. The signal comes in the main context of the client.
   *
   * Since: 1.0
   */
  g_signal_new ("signals-lost", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_UINT64);
  /**
   * PlantRpcClient::protocol-error:
   * @self: the client
   * @error: what was wrong
   *
   * Emitted when a value or signal of the device did not fit its type. It was dropped, and
   * all else goes on. It comes in the main context of the client.
   *
   * Since: 1.0
   */
  g_signal_new ("protocol-error", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_ERROR);
}
