/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-loan-private.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-relay-private.h"
#include "plant-rpc-server-front-private.h"
#include "plant-rpc-source-private.h"

/**
 * PlantRpcRelay:
 *
 * Serves what another device offers, at an address of its own.
 *
 * A relay is a server whose device is elsewhere. It has one connection to that device, whichever
 * wire the device speaks, and any number of clients. They see the properties, methods and signals
 * that the device has, with their types, limits and roles. It is a secure front for a device that
 * cannot be secured itself, spares a weak device many connections, and joins two networks; see
 * [Relays](relay.html).
 *
 * It is started, stopped, secured and registered as every [class@Server]. It connects to the device
 * when it is made, and does so again after each loss.
 *
 * ## What passes
 *
 * - A client that reads one property gets what the device answers. One that reads all, as each does
 *   that connects, gets what the device has told the relay last.
 * - Changes and signals of the device go on to all clients in order. A client that is slow gets the
 *   latest value of a property, and delays no other.
 * - Writes and calls go to the device one for one, in the order in which each client sent them.
 *   They are never repeated. When a caller cancels or leaves, the relay cancels the call at the
 *   device. How long a call may take, the caller decides; the relay tells what the device tells.
 * - Errors of the device reach the caller as they are. %PLANT_RPC_ERROR_NOT_SENT and
 *   %PLANT_RPC_ERROR_OUTCOME_UNKNOWN tell a native client what became of the request at the device.
 *
 * A client that may stop the server, because [property@Server:allow-stop] is set, stops the relay.
 *
 * ## While the device is gone
 *
 * Reads, writes and calls fail with %PLANT_RPC_ERROR_NOT_SENT and the reason. Clients of the native
 * wire are told, so their properties are %PLANT_RPC_PROPERTY_STATE_STALE, with the reason as
 * [property@Property:error]. When the device is back, the values are read anew and told.
 *
 * As long as the device was never there, the relay does not know what it offers, unless it was made
 * with [ctor@Relay.new_for_interface]. Then each request is answered with the reason, and clients
 * connect once there is something to offer. If the device comes back with another interface, or
 * gives the relay another role, the clients lose their connections and learn the new interface, as
 * they would at the device.
 *
 * ## Roles
 *
 * A secured relay asks for the roles for which the device asks, unless
 * [method@Server.set_member_role] says otherwise. What the device does not let the relay write, no
 * client of the relay can write.
 *
 * ## Relays behind relays
 *
 * The device may be a relay again, up to 16 of them. A relay that finds itself behind its own
 * device does not serve: the reason is in [property@Relay:last-error], and clients are told. It
 * tries again from time to time.
 *
 * ## Contexts and threads
 *
 * A relay belongs to a main context as [class@Server] does. Its signals, and those of
 * [property@Relay:client], come there.
 *
 * Since: 1.1
 */

/* µs after which a relay in a circle looks again, and between two looks at what a relay tells that
 * has nothing to offer. */
#define CIRCLE_PAUSE_US (5 * G_USEC_PER_SEC)
#define LOOK_US         G_USEC_PER_SEC

G_DEFINE_FINAL_TYPE (PlantRpcRelay, plant_rpc_relay, PLANT_RPC_TYPE_SERVER)

static GParamSpec *properties[PLANT_RPC_RELAY_PROP_LAST_ERROR + 1];

static PlantRpcHold *
enter (PlantRpcRelay *self)
{
  return plant_rpc_home_enter (plant_rpc_server_get_home (PLANT_RPC_SERVER (self)));
}

GMainContext *
plant_rpc_relay_get_context (PlantRpcRelay *self)
{
  return plant_rpc_home_get_context (plant_rpc_server_get_home (PLANT_RPC_SERVER (self)));
}

const char *
plant_rpc_relay_get_label (PlantRpcRelay *self)
{
  return self->device != NULL ? self->device : self->device_url;
}

const char *
plant_rpc_relay_get_reason (PlantRpcRelay *self)
{
  return self->error != NULL ? self->error->message : "it is not ready yet";
}

/* ---- the device */

/* Clients of a registered device know it by its name. */
static void
pass_name (PlantRpcRelay *self)
{
  PlantRpcServer *server = PLANT_RPC_SERVER (self);
  const char *present = plant_rpc_server_get_name (server);
  const char *name = self->client != NULL ? plant_rpc_client_get_name (self->client) : NULL;

  if (name == NULL || plant_rpc_server_get_registered (server) ||
      (*present != '\0' && g_strcmp0 (present, self->passed_name) != 0))
    return;
  g_free (self->passed_name);
  self->passed_name = g_strdup (name);
  plant_rpc_server_set_name (server, name);
}

/* Returns NULL if the device may be used. */
static GError *
find_refusal (PlantRpcRelay *self)
{
  const char *const *behind = plant_rpc_backing_get_relays (self->backing);

  if (behind == NULL)
    return NULL;
  if (g_strv_contains (behind, self->id))
    return g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED,
                        /* Translators: the address of a device */
                        _("A circle of relays: what is behind “%s” is this relay itself"),
                        plant_rpc_relay_get_label (self));
  if (g_strv_length ((char **) behind) < PLANT_RPC_MAX_RELAYS)
    return NULL;
  return g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED,
                      /* Translators: the address of a device, and a number */
                      _("Too many relays are behind “%s”: at most %d in a row are served"),
                      plant_rpc_relay_get_label (self), PLANT_RPC_MAX_RELAYS);
}

static void
set_alarm (PlantRpcRelay *self,
           gint64         delay)
{
  if (self->alarm != NULL)
    g_source_set_ready_time (self->alarm, g_get_monotonic_time () + delay);
}

static gboolean
is_ready (PlantRpcRelay *self)
{
  PlantRpcClient *client =
      self->backing != NULL ? plant_rpc_backing_get_client (self->backing) : NULL;

  return client != NULL && plant_rpc_client_is_ready (client);
}

static void
notify (PlantRpcRelay  *self,
        PlantRpcClient *former,
        GError         *former_error)
{
  g_autoptr (GError) owned = former_error;
  GObject *object = G_OBJECT (self);
  const gboolean ready = is_ready (self);

  g_object_freeze_notify (object);
  if (self->client != former)
    g_object_notify_by_pspec (object, properties[PLANT_RPC_RELAY_PROP_CLIENT]);
  if (!plant_rpc_error_equal (self->error, owned))
    g_object_notify_by_pspec (object, properties[PLANT_RPC_RELAY_PROP_LAST_ERROR]);
  if (ready != self->ready)
    g_object_notify_by_pspec (object, properties[PLANT_RPC_RELAY_PROP_READY]);
  self->ready = ready;
  g_object_thaw_notify (object);
}

/* A relay behind may tell another one behind it without being ready for more. */
static void
look (PlantRpcRelay *self)
{
  GError *former_error = g_steal_pointer (&self->error);
  g_autoptr (PlantRpcClient) former = self->client != NULL ? g_object_ref (self->client) : NULL;
  PlantRpcClient *client;

  g_clear_error (&self->refusal);
  self->refusal = find_refusal (self);
  self->error = self->refusal != NULL ? g_error_copy (self->refusal)
                                      : plant_rpc_backing_dup_error (self->backing);
  client = self->refusal == NULL ? plant_rpc_backing_get_client (self->backing) : NULL;
  if (client != NULL)
    plant_rpc_relay_show_client (self, client);
  else
    plant_rpc_relay_show_absent (self);
  if (self->refusal != NULL)
    g_clear_pointer (&self->backing, plant_rpc_backing_free);
  if (!is_ready (self))
    set_alarm (self, self->refusal != NULL ? CIRCLE_PAUSE_US : LOOK_US);
  pass_name (self);
  notify (self, former, former_error);
}

static void
on_backing_changed (gpointer owner)
{
  set_alarm (owner, 0);
}

static void
on_backing_property (gpointer    owner,
                     const char *wire_name)
{
  plant_rpc_server_note_change (owner, wire_name);
}

static const PlantRpcBackingFuncs backing_funcs = {
  .changed = on_backing_changed,
  .property = on_backing_property,
};

static void
open_backing (PlantRpcRelay *self)
{
  const PlantRpcBackingAddress address = {
    .url = self->device_url,
    .registry_url = self->registry_url,
    .device = self->device,
    .interface = self->given,
    .keypair = self->keypair,
  };

  self->backing = plant_rpc_backing_new (plant_rpc_relay_get_context (self), &address,
                                         &backing_funcs, self);
}

static gboolean
on_alarm (gpointer user_data)
{
  g_autoptr (PlantRpcRelay) self = g_object_ref (user_data);

  g_source_set_ready_time (self->alarm, -1);
  if (self->backing == NULL)
    open_backing (self);
  look (self);
  return G_SOURCE_CONTINUE;
}

/* ---- the class */

static void
plant_rpc_relay_constructed (GObject *object)
{
  PlantRpcRelay *self = PLANT_RPC_RELAY (object);
  g_autoptr (PlantRpcHold) hold = enter (self);

  G_OBJECT_CLASS (plant_rpc_relay_parent_class)->constructed (object);
  if (self->device != NULL && self->registry_url == NULL)
    self->registry_url = g_strdup (PLANT_RPC_REGISTRY_URL);
  self->alarm = plant_rpc_source_new_alarm (plant_rpc_relay_get_context (self), on_alarm, self,
                                            "[plantrpc] relay");
  open_backing (self);
  look (self);
}

static void
plant_rpc_relay_dispose (GObject *object)
{
  PlantRpcRelay *self = PLANT_RPC_RELAY (object);
  g_autoptr (PlantRpcHold) hold =
      plant_rpc_home_enter_dispose (plant_rpc_server_get_home (PLANT_RPC_SERVER (self)), object);

  plant_rpc_source_clear (&self->alarm);
  plant_rpc_server_stop (PLANT_RPC_SERVER (self));
  g_clear_pointer (&self->backing, plant_rpc_backing_free);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (plant_rpc_relay_parent_class)->dispose (object);
}

static void
plant_rpc_relay_finalize (GObject *object)
{
  PlantRpcRelay *self = PLANT_RPC_RELAY (object);

  g_free (self->device_url);
  g_free (self->registry_url);
  g_free (self->device);
  g_clear_pointer (&self->given, plant_rpc_interface_info_unref);
  g_clear_pointer (&self->keypair, plant_rpc_keypair_unref);
  g_free (self->id);
  g_clear_error (&self->refusal);
  g_free (self->passed_name);
  g_clear_pointer (&self->interface, plant_rpc_interface_info_unref);
  g_strfreev (self->relays);
  g_clear_error (&self->absent);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (plant_rpc_relay_parent_class)->finalize (object);
}

static void
plant_rpc_relay_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  PlantRpcRelay *self = PLANT_RPC_RELAY (object);

  switch ((PlantRpcRelayProperty) prop_id)
    {
    case PLANT_RPC_RELAY_PROP_DEVICE_URL:
      self->device_url = g_value_dup_string (value);
      break;
    case PLANT_RPC_RELAY_PROP_REGISTRY_URL:
      self->registry_url = g_value_dup_string (value);
      break;
    case PLANT_RPC_RELAY_PROP_DEVICE:
      self->device = g_value_dup_string (value);
      break;
    case PLANT_RPC_RELAY_PROP_DEVICE_INTERFACE:
      self->given = g_value_dup_boxed (value);
      break;
    case PLANT_RPC_RELAY_PROP_DEVICE_KEYPAIR:
      self->keypair = g_value_dup_boxed (value);
      break;
    case PLANT_RPC_RELAY_PROP_CLIENT:
    case PLANT_RPC_RELAY_PROP_READY:
    case PLANT_RPC_RELAY_PROP_LAST_ERROR:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_relay_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PlantRpcRelay *self = PLANT_RPC_RELAY (object);

  switch ((PlantRpcRelayProperty) prop_id)
    {
    case PLANT_RPC_RELAY_PROP_DEVICE_URL:
      g_value_set_string (value, self->device_url);
      break;
    case PLANT_RPC_RELAY_PROP_REGISTRY_URL:
      g_value_set_string (value, self->registry_url);
      break;
    case PLANT_RPC_RELAY_PROP_DEVICE:
      g_value_set_string (value, self->device);
      break;
    case PLANT_RPC_RELAY_PROP_DEVICE_INTERFACE:
      g_value_set_boxed (value, self->given);
      break;
    case PLANT_RPC_RELAY_PROP_DEVICE_KEYPAIR:
      g_value_set_boxed (value, self->keypair);
      break;
    case PLANT_RPC_RELAY_PROP_CLIENT:
      g_value_set_object (value, plant_rpc_relay_get_client (self));
      break;
    case PLANT_RPC_RELAY_PROP_READY:
      g_value_set_boolean (value, plant_rpc_relay_is_ready (self));
      break;
    case PLANT_RPC_RELAY_PROP_LAST_ERROR:
      g_value_set_boxed (value, plant_rpc_relay_get_last_error (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_relay_class_init (PlantRpcRelayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  PlantRpcServerClass *server_class = PLANT_RPC_SERVER_CLASS (klass);

  object_class->constructed = plant_rpc_relay_constructed;
  object_class->dispose = plant_rpc_relay_dispose;
  object_class->finalize = plant_rpc_relay_finalize;
  object_class->set_property = plant_rpc_relay_set_property;
  object_class->get_property = plant_rpc_relay_get_property;
  server_class->read_property = plant_rpc_relay_handle_read;
  server_class->write_property = plant_rpc_relay_handle_write;

  plant_rpc_relay_make_properties (properties);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
plant_rpc_relay_init (PlantRpcRelay *self)
{
  self->id = g_uuid_string_random ();
}

/* ---- public */

/**
 * plant_rpc_relay_new:
 * @device_url: where the device is, see [property@Client:url]
 * @url: the URL at which to listen, see [property@Server:url]
 *
 * Makes a relay for the device at a URL; [method@Server.start] starts it.
 *
 * It offers all that the device offers, which it learns when the device is there. An older device
 * tells no types, so those follow from its values.
 *
 * Returns: (transfer full): a relay that does not run yet
 *
 * Since: 1.1
 */
PlantRpcRelay *
plant_rpc_relay_new (const char *device_url,
                     const char *url)
{
  g_return_val_if_fail (device_url != NULL, NULL);
  g_return_val_if_fail (url != NULL, NULL);

  return g_object_new (PLANT_RPC_TYPE_RELAY, "device-url", device_url, "url", url, NULL);
}

/**
 * plant_rpc_relay_new_for_device:
 * @registry_url: where the registry is
 * @device: the name of the device, or else the type of any
 * @url: the URL at which to listen, see [property@Server:url]
 *
 * Makes a relay for a device that a registry lists, wherever the device is at the time.
 *
 * Returns: (transfer full): a relay that does not run yet
 *
 * Since: 1.1
 */
PlantRpcRelay *
plant_rpc_relay_new_for_device (const char *registry_url,
                                const char *device,
                                const char *url)
{
  g_return_val_if_fail (registry_url != NULL, NULL);
  g_return_val_if_fail (device != NULL, NULL);
  g_return_val_if_fail (url != NULL, NULL);

  return g_object_new (PLANT_RPC_TYPE_RELAY, "registry-url", registry_url, "device", device,
                       "url", url, NULL);
}

/**
 * plant_rpc_relay_new_for_interface:
 * @info: what to offer of the device
 * @device_url: where the device is, see [property@Client:url]
 * @url: the URL at which to listen, see [property@Server:url]
 *
 * Makes a relay for a device whose interface is known: from a file, or from a type by
 * [ctor@InterfaceInfo.new_for_type].
 *
 * The relay offers that interface also before the device is there, and nothing else of the device.
 * It gives types, limits, units and roles to an older device, which tells names only. What the
 * device lacks cannot be read, written or called.
 *
 * Returns: (transfer full): a relay that does not run yet
 *
 * Since: 1.1
 */
PlantRpcRelay *
plant_rpc_relay_new_for_interface (PlantRpcInterfaceInfo *info,
                                   const char            *device_url,
                                   const char            *url)
{
  g_return_val_if_fail (info != NULL, NULL);
  g_return_val_if_fail (device_url != NULL, NULL);
  g_return_val_if_fail (url != NULL, NULL);

  return g_object_new (PLANT_RPC_TYPE_RELAY, "device-interface", info, "device-url", device_url,
                       "url", url, NULL);
}

/**
 * plant_rpc_relay_get_device_url:
 * @self: a relay
 *
 * Gets where the device is.
 *
 * Returns: (transfer none) (nullable): the URL; %NULL if a registry says so
 *
 * Since: 1.1
 */
const char *
plant_rpc_relay_get_device_url (PlantRpcRelay *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_RELAY (self), NULL);

  return self->device_url;
}

/**
 * plant_rpc_relay_get_client:
 * @self: a relay
 *
 * Gets the client of the device, for what a program wants to know of the connection. It must not be
 * closed.
 *
 * Returns: (transfer none) (nullable): the client; %NULL until it is known what the device offers
 *
 * Since: 1.1
 */
PlantRpcClient *
plant_rpc_relay_get_client (PlantRpcRelay *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_RELAY (self), NULL);

  hold = enter (self);
  return (PlantRpcClient *) plant_rpc_loan_lend (
      plant_rpc_server_get_home (PLANT_RPC_SERVER (self)), self->client, g_object_ref,
      g_object_unref);
}

/**
 * plant_rpc_relay_is_ready: (get-property ready)
 * @self: a relay
 *
 * Tells whether the device is there.
 *
 * Returns: whether requests reach the device
 *
 * Since: 1.1
 */
gboolean
plant_rpc_relay_is_ready (PlantRpcRelay *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_RELAY (self), FALSE);

  hold = enter (self);
  return self->ready;
}

/**
 * plant_rpc_relay_get_last_error:
 * @self: a relay
 *
 * Gets why the device is not there, or what its connection lacks.
 *
 * It is %PLANT_RPC_ERROR_REFUSED if the device is the relay itself, also behind others, or if too
 * many relays are behind it. Else it is that of [property@Client:last-error].
 *
 * Returns: (transfer none) (nullable): the error; %NULL if nothing is wrong
 *
 * Since: 1.1
 */
const GError *
plant_rpc_relay_get_last_error (PlantRpcRelay *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_RELAY (self), NULL);

  hold = enter (self);
  return plant_rpc_loan_lend_error (plant_rpc_server_get_home (PLANT_RPC_SERVER (self)),
                                    self->error);
}
