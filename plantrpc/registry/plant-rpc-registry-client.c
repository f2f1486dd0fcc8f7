/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-device-list-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-loan-private.h"
#include "plant-rpc-registry-client-private.h"
#include "plant-rpc-registry-link-private.h"
#include "plant-rpc-text-private.h"

/**
 * PlantRpcRegistryClient:
 *
 * A copy of the device list of a registry in another process, which follows its changes.
 *
 * It is a [iface@Gio.ListModel] of [class@Device], as [class@Registry] is. The registry sends each
 * change as it happens. Changes within a tenth of a second are shown together, so a device that
 * registers and leaves again within that time is not shown. The client connects by itself, and
 * reconnects after the registry has restarted. It asks for the whole list when it has connected,
 * when it has missed a change, and when it could not read a message. While there is no connection
 * the list keeps its last items, and [property@RegistryClient:state] is not %PLANT_RPC_STATE_READY.
 *
 * The registry must be a [class@Registry]. The registry of Plant Imager does not send its list:
 * with it the state stays %PLANT_RPC_STATE_CONNECTING, and [property@RegistryClient:last-error]
 * says so.
 *
 * A client belongs to the thread-default main context in which it was made, and `items-changed`,
 * `notify` and its other signals are emitted there. Its functions may be called from any thread.
 *
 * Since: 1.0
 */

/* µs between two WATCH requests; a WATCH lasts for PLANT_RPC_WATCH_LEASE */
#define RENEWAL    (5 * G_USEC_PER_SEC)
#define REPLY_TIME (5 * G_USEC_PER_SEC)

/* The first change is shown at once. Those that follow are shown together, this long after it. */
#define SHOW_INTERVAL (100 * 1000) /* µs */

/* The pause before the next LIST when the pushes cannot be followed. The first LIST is sent at
 * once. Then the pause doubles each time, until nothing has gone wrong for a whole RENEWAL. */
#define FIRST_PAUSE (250 * 1000) /* µs */
#define LAST_PAUSE  RENEWAL

struct _PlantRpcRegistryClient {
  GObject               parent;
  char                 *url;      /* (owned) (nullable): as given */
  char                 *label;    /* (owned) (nullable): the URL without a key, for texts */
  PlantRpcKeypair      *keypair;  /* (owned) (nullable) */
  PlantRpcHome         *home;     /* (owned): where this was made */
  PlantRpcDeviceList   *devices;  /* (owned) */
  PlantRpcRegistryLink *link;     /* (owned) (nullable): NULL for an invalid URL, and once closed */
  PlantRpcTimer        *timer;    /* (owned) (nullable): likewise */
  guint                 process;  /* that made it */
  PlantRpcAlarm         due;      /* the next LIST, or the end of the time for the reply */
  PlantRpcState         state;
  GError               *error;    /* (owned) (nullable) */
  GPtrArray            *records;  /* (owned) (element-type PlantRpcDeviceRecord): as received; may
                                    hold devices that have left since */
  GHashTable           *listed;   /* (owned): the records of devices that have not left, by uuid;
                                    they belong to RECORDS */
  gint64                serial;   /* number of changes of the registry that RECORDS includes */
  PlantRpcAlarm         shower;   /* shows the changes */
  gint64                shown;    /* monotonic µs: when changes were shown last */
  gboolean              waiting;  /* TRUE: LIST was sent and is not answered yet */
  gboolean              outdated; /* TRUE: a change was missed, so LIST must be sent */
  guint                 n_pauses; /* number of pauses in a row */

  PlantRpcRegistryClientWatch  watch; /* (nullable) */
  gpointer                     watch_data;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (PlantRpcRegistryClient, plant_rpc_registry_client, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      plant_rpc_device_list_implement))

static GParamSpec *properties[PLANT_RPC_REGISTRY_CLIENT_PROP_LAST_ERROR + 1];

/* ---- what comes of the link */

static void
tell_watch (PlantRpcRegistryClient *self)
{
  if (self->watch != NULL)
    self->watch (self->watch_data);
}

/* Takes ownership of ERROR. */
static void
set_state (PlantRpcRegistryClient *self,
           PlantRpcState           state,
           GError                 *error)
{
  gboolean changed = state != self->state;
  gboolean same_error = plant_rpc_error_equal (error, self->error);

  g_clear_error (&self->error);
  self->error = error;
  self->state = state;
  g_object_freeze_notify (G_OBJECT (self));
  if (!same_error)
    g_object_notify_by_pspec (G_OBJECT (self),
                              properties[PLANT_RPC_REGISTRY_CLIENT_PROP_LAST_ERROR]);
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PLANT_RPC_REGISTRY_CLIENT_PROP_STATE]);
  g_object_thaw_notify (G_OBJECT (self));
  tell_watch (self);
}

static void
ask (PlantRpcRegistryClient *self)
{
  const PlantRpcRegistryRequest request = { .event = PLANT_RPC_REGISTRY_WATCH };

  self->waiting = TRUE;
  self->outdated = FALSE;
  plant_rpc_registry_link_send (self->link, &request);
  plant_rpc_alarm_set_after (&self->due, REPLY_TIME);
}

/* What the registry has sent does not fit together, so the client asks for the whole list. If the
 * registry sends the like again and again, the client pauses in between. */
static void
ask_again (PlantRpcRegistryClient *self)
{
  gint64 pause = self->n_pauses > 0 ? FIRST_PAUSE << (self->n_pauses - 1) : 0;

  if (self->outdated)
    return;
  self->waiting = FALSE;
  self->outdated = TRUE;
  if (pause < LAST_PAUSE)
    self->n_pauses++;
  plant_rpc_alarm_set_after (&self->due, MIN (pause, LAST_PAUSE));
}

static GPtrArray *
new_records (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_device_record_unref);
}

/* Brings the list model in line with the records received. */
static void
show (PlantRpcRegistryClient *self)
{
  GPtrArray *records = new_records ();

  for (guint i = 0; i < self->records->len; i++)
    {
      PlantRpcDeviceRecord *record = g_ptr_array_index (self->records, i);

      if (g_hash_table_lookup (self->listed, record->uuid) == record)
        g_ptr_array_add (records, plant_rpc_device_record_ref (record));
    }
  g_ptr_array_unref (self->records);
  self->records = records;
  self->shown = g_get_monotonic_time ();
  plant_rpc_alarm_clear (&self->shower);
  plant_rpc_device_list_update (self->devices, self->records);
  tell_watch (self);
}

static void
on_shower (gpointer owner,
           gint64   now)
{
  g_autoptr (PlantRpcRegistryClient) self = g_object_ref (owner);

  show (self);
}

static void
add_record (PlantRpcRegistryClient *self,
            PlantRpcDeviceRecord   *record)
{
  if (g_hash_table_size (self->listed) >= PLANT_RPC_MAX_DEVICES)
    return;
  g_ptr_array_add (self->records, plant_rpc_device_record_ref (record));
  g_hash_table_replace (self->listed, record->uuid, record);
}

static void
take_list (PlantRpcRegistryClient *self,
           PlantRpcRegistryReply  *reply)
{
  g_hash_table_remove_all (self->listed);
  g_ptr_array_set_size (self->records, 0);
  for (guint i = 0; i < reply->records->len; i++)
    add_record (self, g_ptr_array_index (reply->records, i));
  self->serial = reply->serial;
  self->waiting = FALSE;
  self->outdated = FALSE;
  plant_rpc_alarm_set_after (&self->due, RENEWAL);
  show (self);
  if (self->link != NULL && !self->waiting && !self->outdated)
    set_state (self, PLANT_RPC_STATE_READY, NULL);
}

/* If a change was missed, the whole list replaces what is known. */
static void
take_change (PlantRpcRegistryClient *self,
             PlantRpcRegistryReply  *reply)
{
  if (self->waiting || self->outdated || self->state != PLANT_RPC_STATE_READY)
    return;
  if (self->serial == G_MAXINT64 || reply->serial != self->serial + 1)
    {
      ask_again (self);
      return;
    }
  self->serial++;
  if (reply->type == PLANT_RPC_REGISTRY_DEVICE_REMOVED)
    g_hash_table_remove (self->listed, reply->uuid);
  for (guint i = 0; reply->records != NULL && i < reply->records->len; i++)
    add_record (self, g_ptr_array_index (reply->records, i));
  if (g_get_monotonic_time () >= self->shown + SHOW_INTERVAL)
    show (self);
  else
    plant_rpc_alarm_set (&self->shower, self->shown + SHOW_INTERVAL);
}

static GError *
explain_refusal (PlantRpcRegistryClient      *self,
                 const PlantRpcRegistryReply *reply)
{
  if (reply->error != NULL)
    {
      g_autofree char *reason = plant_rpc_text_show (reply->error);

      return g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED, _("“%s”: %s"), self->label,
                          reason);
    }
  return g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                      _("The registry at “%s” does not tell its list: it is not of plantrpc"),
                      self->label);
}

/* A registry that is full may have room later. A registry that does not know WATCH never will. */
static void
take_refusal (PlantRpcRegistryClient      *self,
              const PlantRpcRegistryReply *reply)
{
  self->waiting = FALSE;
  plant_rpc_alarm_clear (&self->due);
  if (reply->type == PLANT_RPC_REGISTRY_ACK)
    {
      self->outdated = FALSE;
      ask_again (self);
    }
  set_state (self, PLANT_RPC_STATE_CONNECTING, explain_refusal (self, reply));
}

static void
on_replied (gpointer               owner,
            PlantRpcRegistryReply *reply,
            gboolean               expected)
{
  g_autoptr (PlantRpcRegistryClient) self = g_object_ref (owner);

  if (reply->type == PLANT_RPC_REGISTRY_DEVICE_ADDED ||
      reply->type == PLANT_RPC_REGISTRY_DEVICE_REMOVED)
    {
      take_change (self, reply);
    }
  else if (expected && reply->type == PLANT_RPC_REGISTRY_DEVICES)
    {
      take_list (self, reply);
    }
  else if (expected)
    {
      take_refusal (self, reply);
    }
}

static void
on_opened (gpointer owner)
{
  g_autoptr (PlantRpcRegistryClient) self = g_object_ref (owner);

  ask (self);
  set_state (self, PLANT_RPC_STATE_CONNECTING, NULL);
}

/* After a loss the former list is still shown, and the last error still says why it may be old. */
static void
on_missed (gpointer      owner,
           const GError *error)
{
  g_autoptr (PlantRpcRegistryClient) self = g_object_ref (owner);

  if (self->error == NULL || self->shown == 0 ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    set_state (self, PLANT_RPC_STATE_DISCONNECTED, g_error_copy (error));
}

static void
on_lost (gpointer owner)
{
  g_autoptr (PlantRpcRegistryClient) self = g_object_ref (owner);

  self->waiting = FALSE;
  self->outdated = FALSE;
  plant_rpc_alarm_clear (&self->due);
  set_state (self, PLANT_RPC_STATE_DISCONNECTED,
             g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                          _("The connection to the registry at “%s” was lost"), self->label));
}

static void
on_garbled (gpointer      owner,
            const GError *error)
{
  g_autoptr (PlantRpcRegistryClient) self = g_object_ref (owner);
  GError *shown = g_error_copy (error);

  ask_again (self);
  g_prefix_error (&shown, _("“%s”: "), self->label);
  set_state (self, PLANT_RPC_STATE_CONNECTING, shown);
}

static const PlantRpcRegistryLinkFuncs link_funcs = {
  .opened = on_opened,
  .missed = on_missed,
  .lost = on_lost,
  .replied = on_replied,
  .garbled = on_garbled,
};

static void
on_due (gpointer owner,
        gint64   now)
{
  g_autoptr (PlantRpcRegistryClient) self = g_object_ref (owner);

  if (!self->waiting)
    {
      if (!self->outdated)
        self->n_pauses = 0;
      ask (self);
      return;
    }
  if (self->state == PLANT_RPC_STATE_SUSPECT)
    {
      plant_rpc_registry_link_renew (self->link);
      return;
    }
  plant_rpc_alarm_set_after (&self->due, REPLY_TIME);
  set_state (self, PLANT_RPC_STATE_SUSPECT,
             g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                          _("The registry at “%s” does not answer"), self->label));
}

/* In a forked child nothing comes of the link, which is the parent's. */
static void
look_for_fork (PlantRpcRegistryClient *self)
{
  if (!plant_rpc_init_is_inherited (self->process) || self->state == PLANT_RPC_STATE_CLOSED)
    return;
  self->state = PLANT_RPC_STATE_CLOSED;
  g_clear_error (&self->error);
  self->error = g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED,
                             /* Translators: the address of a registry or a device */
                             _("The client for “%s” belongs to the process that forked this one; "
                               "make another one here"),
                             self->label);
}

/* ---- the class */

static void
start (PlantRpcRegistryClient *self)
{
  GMainContext *context = plant_rpc_home_get_context (self->home);
  g_autoptr (PlantRpcEndpoint) endpoint = NULL;
  g_autofree char *url = NULL;

  endpoint = plant_rpc_endpoint_parse (self->url, &self->error);
  if (endpoint == NULL)
    return;
  url = plant_rpc_endpoint_print_whole (endpoint, endpoint->host, 0);
  self->timer = plant_rpc_timer_new (context, "[plantrpc] registry deadlines");
  plant_rpc_alarm_init (&self->due, self->timer, "watch", on_due, self);
  plant_rpc_alarm_init (&self->shower, self->timer, "changes of a list", on_shower, self);
  self->link = plant_rpc_registry_link_new (url, self->keypair, context, self->timer, &link_funcs,
                                            self);
}

static void
plant_rpc_registry_client_constructed (GObject *object)
{
  PlantRpcRegistryClient *self = PLANT_RPC_REGISTRY_CLIENT (object);
  g_autoptr (PlantRpcHold) hold = NULL;

  G_OBJECT_CLASS (plant_rpc_registry_client_parent_class)->constructed (object);
  hold = plant_rpc_home_enter (self->home);
  start (self);
}

static void
close_down (PlantRpcRegistryClient *self)
{
  g_clear_pointer (&self->link, plant_rpc_registry_link_free);
  g_clear_pointer (&self->timer, plant_rpc_timer_free);
}

/* Nothing is notified here, since handlers may belong to a language that is collecting its
 * garbage. */
static void
plant_rpc_registry_client_dispose (GObject *object)
{
  PlantRpcRegistryClient *self = PLANT_RPC_REGISTRY_CLIENT (object);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter_dispose (self->home, object);

  close_down (self);
  G_OBJECT_CLASS (plant_rpc_registry_client_parent_class)->dispose (object);
}

static void
plant_rpc_registry_client_finalize (GObject *object)
{
  PlantRpcRegistryClient *self = PLANT_RPC_REGISTRY_CLIENT (object);

  plant_rpc_device_list_free (self->devices);
  g_hash_table_unref (self->listed);
  g_ptr_array_unref (self->records);
  g_clear_error (&self->error);
  plant_rpc_home_unref (self->home);
  g_clear_pointer (&self->keypair, plant_rpc_keypair_unref);
  g_free (self->url);
  g_free (self->label);
  G_OBJECT_CLASS (plant_rpc_registry_client_parent_class)->finalize (object);
}

static void
plant_rpc_registry_client_get_property (GObject    *object,
                                        guint       prop_id,
                                        GValue     *value,
                                        GParamSpec *pspec)
{
  PlantRpcRegistryClient *self = PLANT_RPC_REGISTRY_CLIENT (object);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self->home);

  look_for_fork (self);
  switch ((PlantRpcRegistryClientProperty) prop_id)
    {
    case PLANT_RPC_REGISTRY_CLIENT_PROP_URL:
      g_value_set_string (value, self->url);
      break;
    case PLANT_RPC_REGISTRY_CLIENT_PROP_KEYPAIR:
      g_value_set_boxed (value, self->keypair);
      break;
    case PLANT_RPC_REGISTRY_CLIENT_PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PLANT_RPC_REGISTRY_CLIENT_PROP_LAST_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_registry_client_set_property (GObject      *object,
                                        guint         prop_id,
                                        const GValue *value,
                                        GParamSpec   *pspec)
{
  PlantRpcRegistryClient *self = PLANT_RPC_REGISTRY_CLIENT (object);

  switch (prop_id)
    {
    case PLANT_RPC_REGISTRY_CLIENT_PROP_URL:
      self->url = g_value_dup_string (value);
      if (self->url == NULL)
        self->url = g_strdup ("");
      self->label = plant_rpc_endpoint_strip_key (self->url);
      break;
    case PLANT_RPC_REGISTRY_CLIENT_PROP_KEYPAIR:
      plant_rpc_registry_client_set_keypair (self, g_value_get_boxed (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_registry_client_dispatch_properties_changed (GObject     *object,
                                                       guint        n_pspecs,
                                                       GParamSpec **pspecs)
{
  plant_rpc_home_notify (
      PLANT_RPC_REGISTRY_CLIENT (object)->home,
      G_OBJECT_CLASS (plant_rpc_registry_client_parent_class)->dispatch_properties_changed, object,
      n_pspecs, pspecs);
}

static void
plant_rpc_registry_client_class_init (PlantRpcRegistryClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = plant_rpc_registry_client_constructed;
  object_class->dispatch_properties_changed =
      plant_rpc_registry_client_dispatch_properties_changed;
  object_class->dispose = plant_rpc_registry_client_dispose;
  object_class->finalize = plant_rpc_registry_client_finalize;
  object_class->get_property = plant_rpc_registry_client_get_property;
  object_class->set_property = plant_rpc_registry_client_set_property;
  plant_rpc_registry_client_make_properties (properties);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  /**
   * PlantRpcRegistryClient::device-added:
   * @self: the client
   * @device: the device
   *
   * Emitted in the main context of the client when a device has been added to the list.
   *
   * Since: 1.0
   */
  /**
   * PlantRpcRegistryClient::device-removed:
   * @self: the client
   * @device: the device
   *
   * Emitted in the main context of the client when a device has left the list.
   *
   * Since: 1.0
   */
  plant_rpc_device_list_install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
plant_rpc_registry_client_init (PlantRpcRegistryClient *self)
{
  self->home = plant_rpc_home_new_for_object ();
  self->process = plant_rpc_init_get_process ();
  self->devices = plant_rpc_device_list_new (G_LIST_MODEL (self), self->home);
  self->records = new_records ();
  self->listed = g_hash_table_new (g_str_hash, g_str_equal);
}

/* ---- public */

/**
 * plant_rpc_registry_client_new:
 * @url: the URL of the registry, see [property@RegistryClient:url]
 *
 * Makes a client, which connects by itself.
 *
 * Returns: (transfer full): a client with an empty list
 *
 * Since: 1.0
 */
PlantRpcRegistryClient *
plant_rpc_registry_client_new (const char *url)
{
  g_return_val_if_fail (url != NULL, NULL);

  return g_object_new (PLANT_RPC_TYPE_REGISTRY_CLIENT, "url", url, NULL);
}

/**
 * plant_rpc_registry_client_close:
 * @self: a client
 *
 * Closes the connection, and does not connect again. The list keeps its last items.
 *
 * Since: 1.0
 */
void
plant_rpc_registry_client_close (PlantRpcRegistryClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_REGISTRY_CLIENT (self));

  hold = plant_rpc_home_enter (self->home);
  if (self->state == PLANT_RPC_STATE_CLOSED)
    return;
  close_down (self);
  set_state (self, PLANT_RPC_STATE_CLOSED, NULL);
}

/**
 * plant_rpc_registry_client_get_url:
 * @self: a client
 *
 * Gets the URL of the registry.
 *
 * Returns: (transfer none): the URL
 *
 * Since: 1.0
 */
const char *
plant_rpc_registry_client_get_url (PlantRpcRegistryClient *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY_CLIENT (self), NULL);
  return self->url;
}

/**
 * plant_rpc_registry_client_get_keypair:
 * @self: a client
 *
 * Gets the key pair by which a secured registry knows the client.
 *
 * Returns: (transfer none) (nullable): the key pair that was set, or %NULL for that of the user
 *
 * Since: 1.1
 */
PlantRpcKeypair *
plant_rpc_registry_client_get_keypair (PlantRpcRegistryClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY_CLIENT (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  return self->keypair;
}

/**
 * plant_rpc_registry_client_set_keypair:
 * @self: a client
 * @keypair: (nullable): a key pair, or %NULL for that of the user
 *
 * Sets the key pair by which a secured registry knows the client; see
 * [property@RegistryClient:keypair].
 *
 * Since: 1.1
 */
void
plant_rpc_registry_client_set_keypair (PlantRpcRegistryClient *self,
                                       PlantRpcKeypair        *keypair)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_REGISTRY_CLIENT (self));

  hold = plant_rpc_home_enter (self->home);
  if (keypair == self->keypair)
    return;
  g_clear_pointer (&self->keypair, plant_rpc_keypair_unref);
  self->keypair = keypair != NULL ? plant_rpc_keypair_ref (keypair) : NULL;
  if (self->link != NULL)
    plant_rpc_registry_link_set_keypair (self->link, keypair);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PLANT_RPC_REGISTRY_CLIENT_PROP_KEYPAIR]);
}

/**
 * plant_rpc_registry_client_get_state:
 * @self: a client
 *
 * Gets the state of the connection.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
PlantRpcState
plant_rpc_registry_client_get_state (PlantRpcRegistryClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY_CLIENT (self), PLANT_RPC_STATE_CLOSED);

  hold = plant_rpc_home_enter (self->home);
  look_for_fork (self);
  return self->state;
}

/**
 * plant_rpc_registry_client_get_last_error:
 * @self: a client
 *
 * Gets the reason why the client is not ready. In a child that the process of the client has forked
 * it is %PLANT_RPC_ERROR_CLOSED.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL
 *
 * Since: 1.0
 */
const GError *
plant_rpc_registry_client_get_last_error (PlantRpcRegistryClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY_CLIENT (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  look_for_fork (self);
  return plant_rpc_loan_lend_error (self->home, self->error);
}

/**
 * plant_rpc_registry_client_find_device:
 * @self: a client
 * @name: the name of a device
 *
 * Looks a device up in the list.
 *
 * Returns: (transfer none) (nullable): the device, or %NULL if there is none of that name
 *
 * Since: 1.0
 */
PlantRpcDevice *
plant_rpc_registry_client_find_device (PlantRpcRegistryClient *self,
                                       const char             *name)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY_CLIENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  hold = plant_rpc_home_enter (self->home);
  return plant_rpc_device_list_find (self->devices, name);
}

void
plant_rpc_registry_client_set_watch (PlantRpcRegistryClient      *self,
                                     PlantRpcRegistryClientWatch  watch,
                                     gpointer                     user_data)
{
  self->watch = watch;
  self->watch_data = user_data;
}

/* ---- for a caller that blocks */

guint
plant_rpc_registry_client_fill_poll (PlantRpcRegistryClient *self,
                                     zmq_pollitem_t         *items)
{
  return self->link != NULL ? plant_rpc_registry_link_fill_poll (self->link, items) : 0;
}

gint64
plant_rpc_registry_client_get_deadline (PlantRpcRegistryClient *self)
{
  return self->timer != NULL ? plant_rpc_timer_get_deadline (self->timer) : -1;
}

void
plant_rpc_registry_client_process (PlantRpcRegistryClient *self)
{
  g_autoptr (PlantRpcRegistryClient) guard = g_object_ref (self);

  if (self->link != NULL)
    plant_rpc_registry_link_process (self->link);
  if (self->timer != NULL)
    plant_rpc_timer_ring (self->timer, g_get_monotonic_time ());
}
