/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-device-private.h"

/* ---- records */

PlantRpcDeviceRecord *
plant_rpc_device_record_new (const char *device_type,
                             const char *name,
                             const char *url,
                             const char *uuid,
                             gint64      last_seen)
{
  PlantRpcDeviceRecord *self = g_atomic_rc_box_new0 (PlantRpcDeviceRecord);

  self->device_type = g_strdup (device_type);
  self->name = g_strdup (name);
  self->url = g_strdup (url);
  self->uuid = g_strdup (uuid);
  atomic_init (&self->last_seen, last_seen);
  return self;
}

PlantRpcDeviceRecord *
plant_rpc_device_record_ref (PlantRpcDeviceRecord *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_record (gpointer data)
{
  PlantRpcDeviceRecord *self = data;

  g_free (self->name);
  g_free (self->device_type);
  g_free (self->url);
  g_free (self->uuid);
  g_free (self->written);
}

void
plant_rpc_device_record_unref (PlantRpcDeviceRecord *self)
{
  g_atomic_rc_box_release_full (self, clear_record);
}

/* ---- devices */

/**
 * PlantRpcDevice:
 *
 * One device in the list of a registry.
 *
 * The object stands for one registration, so its name, type and address never change. When a device
 * registers again, perhaps at another address, the list gets a new object. The former object leaves
 * the list and is no longer [property@Device:alive]. While a device is listed, only its
 * [property@Device:last-seen] changes.
 *
 * Devices are in the lists of [class@Registry] and [class@RegistryClient], and belong to the main
 * context of these.
 *
 * Since: 1.0
 */

struct _PlantRpcDevice {
  GObject               parent;
  PlantRpcDeviceRecord *record; /* (owned) */
  _Atomic gint64        seen;   /* monotonic µs: the time that was notified last */
  gint                  alive;  /* (atomic) */
};

G_DEFINE_FINAL_TYPE (PlantRpcDevice, plant_rpc_device, G_TYPE_OBJECT)

typedef enum {
  PROP_NAME = 1,
  PROP_DEVICE_TYPE,
  PROP_URL,
  PROP_UUID,
  PROP_LAST_SEEN,
  PROP_ALIVE,
} PlantRpcDeviceProperty;

static GParamSpec *properties[PROP_ALIVE + 1];

static void
plant_rpc_device_finalize (GObject *object)
{
  plant_rpc_device_record_unref (PLANT_RPC_DEVICE (object)->record);
  G_OBJECT_CLASS (plant_rpc_device_parent_class)->finalize (object);
}

static void
plant_rpc_device_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  PlantRpcDevice *self = PLANT_RPC_DEVICE (object);

  switch ((PlantRpcDeviceProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->record->name);
      break;
    case PROP_DEVICE_TYPE:
      g_value_set_string (value, self->record->device_type);
      break;
    case PROP_URL:
      g_value_set_string (value, self->record->url);
      break;
    case PROP_UUID:
      g_value_set_string (value, self->record->uuid);
      break;
    case PROP_LAST_SEEN:
      g_value_take_boxed (value, plant_rpc_device_get_last_seen (self));
      break;
    case PROP_ALIVE:
      g_value_set_boolean (value, plant_rpc_device_get_alive (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_device_class_init (PlantRpcDeviceClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = plant_rpc_device_finalize;
  object_class->get_property = plant_rpc_device_get_property;

  /**
   * PlantRpcDevice:name: (getter get_name)
   *
   * The name that the registry accepted; no other device of that registry has it.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  /**
   * PlantRpcDevice:device-type: (getter get_device_type)
   *
   * The type of the device, such as `camera`.
   *
   * Since: 1.0
   */
  properties[PROP_DEVICE_TYPE] = g_param_spec_string ("device-type", NULL, NULL, NULL, flags);
  /**
   * PlantRpcDevice:url: (getter get_url)
   *
   * The URL that clients connect to.
   *
   * A device on the computer of its registry may be known there by an address such as `127.0.0.1`.
   * A [class@RegistryClient] on another computer has the address in its place at which it has
   * reached the registry.
   *
   * Since: 1.0
   */
  properties[PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, flags);
  /**
   * PlantRpcDevice:uuid: (getter get_uuid)
   *
   * The identifier of this registration.
   *
   * Since: 1.0
   */
  properties[PROP_UUID] = g_param_spec_string ("uuid", NULL, NULL, NULL, flags);
  /**
   * PlantRpcDevice:last-seen: (getter get_last_seen)
   *
   * When the registry last heard of the device, in local time.
   *
   * The object keeps the age, so the time stays right after the clock has been set. A
   * [class@RegistryClient] updates it every few seconds.
   *
   * Since: 1.0
   */
  properties[PROP_LAST_SEEN] =
      g_param_spec_boxed ("last-seen", NULL, NULL, G_TYPE_DATE_TIME, flags);
  /**
   * PlantRpcDevice:alive: (getter get_alive)
   *
   * Whether the registry lists the device. It is %FALSE once the device has expired, unregistered
   * or been replaced.
   *
   * Since: 1.0
   */
  properties[PROP_ALIVE] = g_param_spec_boolean ("alive", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

/* Returns the record of a device that is in no list, since a GtkBuilder or the like made it. */
static PlantRpcDeviceRecord *
get_no_record (void)
{
  static gsize record = 0;

  if (g_once_init_enter (&record))
    g_once_init_leave (&record, (gsize) plant_rpc_device_record_new ("", "", "", NULL, 0));
  return (PlantRpcDeviceRecord *) record;
}

static void
plant_rpc_device_init (PlantRpcDevice *self)
{
  self->record = plant_rpc_device_record_ref (get_no_record ());
}

PlantRpcDevice *
plant_rpc_device_new (PlantRpcDeviceRecord *record)
{
  PlantRpcDevice *self = g_object_new (PLANT_RPC_TYPE_DEVICE, NULL);

  plant_rpc_device_record_unref (self->record);
  self->record = plant_rpc_device_record_ref (record);
  self->seen = atomic_load (&record->last_seen);
  self->alive = TRUE;
  return self;
}

PlantRpcDeviceRecord *
plant_rpc_device_get_record (PlantRpcDevice *self)
{
  return self->record;
}

void
plant_rpc_device_note_seen (PlantRpcDevice *self)
{
  gint64 seen = atomic_load (&self->record->last_seen);

  if (seen == self->seen)
    return;
  self->seen = seen;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LAST_SEEN]);
}

void
plant_rpc_device_note_gone (PlantRpcDevice *self)
{
  if (!g_atomic_int_compare_and_exchange (&self->alive, TRUE, FALSE))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ALIVE]);
}

/**
 * plant_rpc_device_get_name:
 * @self: a device
 *
 * Gets the name that the registry accepted.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
plant_rpc_device_get_name (PlantRpcDevice *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_DEVICE (self), NULL);
  return self->record->name;
}

/**
 * plant_rpc_device_get_device_type:
 * @self: a device
 *
 * Gets the type of the device.
 *
 * Returns: (transfer none): the type, such as `camera`
 *
 * Since: 1.0
 */
const char *
plant_rpc_device_get_device_type (PlantRpcDevice *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_DEVICE (self), NULL);
  return self->record->device_type;
}

/**
 * plant_rpc_device_get_url:
 * @self: a device
 *
 * Gets the URL that clients connect to.
 *
 * Returns: (transfer none): the URL
 *
 * Since: 1.0
 */
const char *
plant_rpc_device_get_url (PlantRpcDevice *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_DEVICE (self), NULL);
  return self->record->url;
}

/**
 * plant_rpc_device_get_uuid:
 * @self: a device
 *
 * Gets the identifier of this registration.
 *
 * Returns: (transfer none): the identifier
 *
 * Since: 1.0
 */
const char *
plant_rpc_device_get_uuid (PlantRpcDevice *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_DEVICE (self), NULL);
  return self->record->uuid;
}

/**
 * plant_rpc_device_get_last_seen:
 * @self: a device
 *
 * Gets when the registry last heard of the device.
 *
 * Returns: (transfer full): the time, in the local time zone
 *
 * Since: 1.0
 */
GDateTime *
plant_rpc_device_get_last_seen (PlantRpcDevice *self)
{
  g_autoptr (GDateTime) now = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_DEVICE (self), NULL);

  now = g_date_time_new_now_local ();
  return g_date_time_add (now, MIN (self->seen - g_get_monotonic_time (), 0));
}

/**
 * plant_rpc_device_get_alive:
 * @self: a device
 *
 * Tells whether the registry lists the device.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
plant_rpc_device_get_alive (PlantRpcDevice *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_DEVICE (self), FALSE);
  return g_atomic_int_get (&self->alive);
}
