/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "connection-private.h"
#include "value-text.h"

#define DISCOVERY_TIMEOUT 10000 /* in ms; it is then begun anew */
#define DISCOVERY_PAUSE 1000    /* in ms */
#define PATIENCE 1000           /* in ms, until a device that does not answer is busy */
#define REFUSAL_TIME 8          /* in s, for which a refusal is the state of the device */
#define PULSE_INTERVAL 3        /* in s: so often a device that nobody asks is asked */

/* One device as the application is connected to it. Its client is made for what the device offers,
 * anew whenever it is found at another address or offers something else. */
struct _ScannerConnection
{
  GObject parent_instance;

  char                   *name;        /* (owned) */
  char                   *device_type; /* (owned) */
  char                   *url;         /* (owned) */
  ScannerLog             *log;         /* (owned) */
  PlantRpcClient         *client;      /* (owned) (nullable): NULL until the device is found */
  GCancellable           *discovery;   /* (owned) (nullable): while it is looked for */
  char                   *task;        /* (owned) (nullable): what it works on */
  char                   *reason;      /* (owned) (nullable): why it is not reached, or refuses */
  ScannerConnectionState  state;
  guint                   n_calls;     /* under way */
  gboolean                slow;        /* the calls under way last */
  gboolean                lost;        /* it was looked for in vain */
  gboolean                asking;      /* the pulse is under way */
  guint                   patience;    /* source ids, 0 unless they run */
  guint                   refusal;
  guint                   pause;
  guint                   pulse;
};

typedef enum
{
  PROP_NAME = 1,
  PROP_DEVICE_TYPE,
  PROP_URL,
  PROP_CLIENT,
  PROP_STATE,
  PROP_STATE_TEXT,
  PROP_STATE_ICON,
  PROP_DETAIL,
  PROP_ICON,
} ScannerConnectionProperty;

static GParamSpec *properties[PROP_ICON + 1];

G_DEFINE_ENUM_TYPE (ScannerConnectionState, scanner_connection_state,
                    G_DEFINE_ENUM_VALUE (SCANNER_CONNECTION_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (SCANNER_CONNECTION_CONNECTED, "connected"),
                    G_DEFINE_ENUM_VALUE (SCANNER_CONNECTION_BUSY, "busy"),
                    G_DEFINE_ENUM_VALUE (SCANNER_CONNECTION_STALE, "stale"),
                    G_DEFINE_ENUM_VALUE (SCANNER_CONNECTION_REFUSED, "refused"),
                    G_DEFINE_ENUM_VALUE (SCANNER_CONNECTION_GONE, "gone"))

G_DEFINE_FINAL_TYPE (ScannerConnection, scanner_connection, G_TYPE_OBJECT)

static void discover (ScannerConnection *self);

static const struct
{
  const char *text;
  const char *icon;
} looks[] = {
  [SCANNER_CONNECTION_CONNECTING] = { N_("Connecting…"), "content-loading-symbolic" },
  [SCANNER_CONNECTION_CONNECTED] = { N_("Connected"), "emblem-ok-symbolic" },
  [SCANNER_CONNECTION_BUSY] = { N_("Busy"), "emblem-synchronizing-symbolic" },
  [SCANNER_CONNECTION_STALE] = { N_("Not answering"), "dialog-question-symbolic" },
  [SCANNER_CONNECTION_REFUSED] = { N_("Refused"), "dialog-warning-symbolic" },
  [SCANNER_CONNECTION_GONE] = { N_("Not reachable"), "network-offline-symbolic" },
};

static ScannerConnectionState
find_state (ScannerConnection *self)
{
  PlantRpcState state;

  if (self->client == NULL)
    return self->lost ? SCANNER_CONNECTION_GONE : SCANNER_CONNECTION_CONNECTING;
  state = plant_rpc_client_get_state (self->client);
  if (state == PLANT_RPC_STATE_SUSPECT)
    return SCANNER_CONNECTION_STALE;
  if (!plant_rpc_client_is_ready (self->client))
    return SCANNER_CONNECTION_GONE;
  if (self->refusal != 0)
    return SCANNER_CONNECTION_REFUSED;
  return self->slow || self->task != NULL ? SCANNER_CONNECTION_BUSY : SCANNER_CONNECTION_CONNECTED;
}

static const char *
get_detail (ScannerConnection *self)
{
  switch (self->state)
    {
    case SCANNER_CONNECTION_REFUSED:
    case SCANNER_CONNECTION_GONE:
      return self->reason != NULL ? self->reason : self->url;
    case SCANNER_CONNECTION_CONNECTING:
    case SCANNER_CONNECTION_CONNECTED:
    case SCANNER_CONNECTION_BUSY:
    case SCANNER_CONNECTION_STALE:
    default:
      return self->url;
    }
}

static void
note (ScannerConnection *self,
      ScannerLogKind     kind,
      const char        *title,
      gboolean           failed)
{
  ScannerLogEntry *entry = scanner_log_add (self->log, self->name, kind, title);

  if (failed)
    scanner_log_entry_set_outcome (entry, self->reason, TRUE);
}

static void
set_reason (ScannerConnection *self,
            const GError      *error)
{
  g_free (self->reason);
  self->reason = error != NULL ? g_strdup (error->message) : NULL;
}

static void
update (ScannerConnection *self)
{
  ScannerConnectionState state = find_state (self);

  g_object_freeze_notify (G_OBJECT (self));
  if (state != self->state)
    {
      self->state = state;
      if (state != SCANNER_CONNECTION_BUSY && state != SCANNER_CONNECTION_REFUSED)
        note (self, SCANNER_LOG_STATE, _(looks[state].text), state == SCANNER_CONNECTION_GONE);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE_ICON]);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE_TEXT]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DETAIL]);
  g_object_thaw_notify (G_OBJECT (self));
}

/* ---- what the device tells */

static void
on_state_changed (ScannerConnection *self)
{
  PlantRpcState state = plant_rpc_client_get_state (self->client);

  if (state == PLANT_RPC_STATE_DISCONNECTED)
    set_reason (self, plant_rpc_client_get_last_error (self->client));
  update (self);
  if (state == PLANT_RPC_STATE_MISMATCH)
    discover (self);
}

static gboolean
on_refusal_over (gpointer user_data)
{
  ScannerConnection *self = user_data;

  self->refusal = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
on_write_failed (ScannerConnection *self,
                 const char        *name,
                 const GError      *error)
{
  g_autofree char *title = g_strdup_printf (_("%s was not changed"), name);

  set_reason (self, error);
  note (self, SCANNER_LOG_CHANGE, title, TRUE);
  g_clear_handle_id (&self->refusal, g_source_remove);
  self->refusal = g_timeout_add_seconds (REFUSAL_TIME, on_refusal_over, self);
  update (self);
}

static void
on_signal (ScannerConnection *self,
           const char        *name,
           GVariant          *args)
{
  g_autofree char *arguments = scanner_value_text_of_arguments (args);
  g_autofree char *title = g_strdup_printf ("%s (%s)", name, arguments);

  note (self, SCANNER_LOG_SIGNAL, title, FALSE);
}

static void
on_notify (ScannerConnection *self,
           GParamSpec        *pspec)
{
  PlantRpcProperty *property = plant_rpc_client_lookup_property (self->client, pspec->name);
  g_autoptr (GVariant) value = property != NULL ? plant_rpc_property_dup_value (property) : NULL;
  g_autofree char *text = value != NULL ? scanner_value_text_of (value) : NULL;
  g_autofree char *title = NULL;

  if (text == NULL)
    return;
  title = g_strdup_printf ("%s = %s", pspec->name, text);
  note (self, SCANNER_LOG_CHANGE, title, FALSE);
}

static void
on_protocol_error (ScannerConnection *self,
                   const GError      *error)
{
  set_reason (self, error);
  note (self, SCANNER_LOG_SIGNAL, _("Something was not understood"), TRUE);
}

/* ---- the pulse: it would not be told when a device stops that nobody talks to */

static void
on_answered (GObject      *client,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (ScannerConnection) self = user_data;
  g_autoptr (GVariant) value =
    plant_rpc_client_read_property_finish (PLANT_RPC_CLIENT (client), result, NULL);

  self->asking = FALSE;
  scanner_connection_end_call (self);
}

/* While a device of the old wires works it answers nobody. */
static gboolean
may_be_asked (ScannerConnection *self)
{
  PlantRpcState state;

  if (self->asking || self->client == NULL ||
      (self->task != NULL && plant_rpc_client_get_wire (self->client) != PLANT_RPC_WIRE_NATIVE))
    return FALSE;
  state = plant_rpc_client_get_state (self->client);
  return state == PLANT_RPC_STATE_READY || state == PLANT_RPC_STATE_SUSPECT;
}

static gboolean
on_pulse (gpointer user_data)
{
  ScannerConnection *self = user_data;
  g_auto (GStrv) names = NULL;

  if (!may_be_asked (self))
    return G_SOURCE_CONTINUE;
  names = plant_rpc_interface_info_list_properties (plant_rpc_client_get_interface (self->client));
  if (names[0] == NULL)
    return G_SOURCE_CONTINUE;
  self->asking = TRUE;
  scanner_connection_begin_call (self);
  plant_rpc_client_read_property (self->client, names[0], NULL, on_answered, g_object_ref (self));
  return G_SOURCE_CONTINUE;
}

/* ---- its client */

static void
drop_client (ScannerConnection *self)
{
  if (self->client == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->client, self);
  plant_rpc_client_close (self->client);
  g_clear_object (&self->client);
}

static void
take_client (ScannerConnection *self,
             PlantRpcClient    *client)
{
  drop_client (self);
  self->client = client;
  self->lost = FALSE;
  g_signal_connect_swapped (client, "notify::state", G_CALLBACK (on_state_changed), self);
  g_signal_connect_swapped (client, "notify", G_CALLBACK (on_notify), self);
  g_signal_connect_swapped (client, "write-failed", G_CALLBACK (on_write_failed), self);
  g_signal_connect_swapped (client, "signal-received", G_CALLBACK (on_signal), self);
  g_signal_connect_swapped (client, "protocol-error", G_CALLBACK (on_protocol_error), self);
  set_reason (self, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLIENT]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ICON]);
  update (self);
}

static gboolean
on_pause_over (gpointer user_data)
{
  ScannerConnection *self = user_data;

  self->pause = 0;
  discover (self);
  return G_SOURCE_REMOVE;
}

static void
on_discovered (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (ScannerConnection) self = user_data;
  g_autoptr (GError) error = NULL;
  PlantRpcClient *client = plant_rpc_client_discover_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->discovery);
  if (client != NULL)
    {
      take_client (self, client);
      return;
    }
  self->lost = TRUE;
  set_reason (self, error);
  update (self);
  self->pause = g_timeout_add (DISCOVERY_PAUSE, on_pause_over, self);
}

static void
stop_discovery (ScannerConnection *self)
{
  g_clear_handle_id (&self->pause, g_source_remove);
  g_cancellable_cancel (self->discovery);
  g_clear_object (&self->discovery);
}

static void
discover (ScannerConnection *self)
{
  stop_discovery (self);
  self->discovery = g_cancellable_new ();
  plant_rpc_client_discover (self->url, DISCOVERY_TIMEOUT, self->discovery, on_discovered,
                             g_object_ref (self));
}

/* ---- calls under way */

static gboolean
on_patience_over (gpointer user_data)
{
  ScannerConnection *self = user_data;

  self->patience = 0;
  self->slow = TRUE;
  update (self);
  return G_SOURCE_REMOVE;
}

void
scanner_connection_begin_call (ScannerConnection *self)
{
  if (self->n_calls++ == 0)
    self->patience = g_timeout_add (PATIENCE, on_patience_over, self);
}

void
scanner_connection_end_call (ScannerConnection *self)
{
  if (--self->n_calls > 0)
    return;
  g_clear_handle_id (&self->patience, g_source_remove);
  self->slow = FALSE;
  update (self);
}

ScannerLog *
scanner_connection_get_log (ScannerConnection *self)
{
  return self->log;
}

/* ---- the object */

static const char *
get_icon (ScannerConnection *self)
{
  if (scanner_connection_has_method (self, "get_image") ||
      g_str_equal (self->device_type, "camera"))
    return "camera-photo-symbolic";
  if (scanner_connection_has_method (self, "run_scan") ||
      g_str_equal (self->device_type, "controller"))
    return "org.plantrpc.Scanner-symbolic";
  return "network-wired-symbolic";
}

static void
scanner_connection_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  ScannerConnection *self = SCANNER_CONNECTION (object);

  switch ((ScannerConnectionProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_DEVICE_TYPE:
      g_value_set_string (value, self->device_type);
      break;
    case PROP_URL:
      g_value_set_string (value, self->url);
      break;
    case PROP_CLIENT:
      g_value_set_object (value, self->client);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_STATE_TEXT:
      g_value_set_string (value, self->state == SCANNER_CONNECTION_BUSY && self->task != NULL
                                   ? self->task : _(looks[self->state].text));
      break;
    case PROP_STATE_ICON:
      g_value_set_string (value, looks[self->state].icon);
      break;
    case PROP_DETAIL:
      g_value_set_string (value, get_detail (self));
      break;
    case PROP_ICON:
      g_value_set_string (value, get_icon (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_connection_dispose (GObject *object)
{
  scanner_connection_close (SCANNER_CONNECTION (object));
  G_OBJECT_CLASS (scanner_connection_parent_class)->dispose (object);
}

static void
scanner_connection_finalize (GObject *object)
{
  ScannerConnection *self = SCANNER_CONNECTION (object);

  g_free (self->name);
  g_free (self->device_type);
  g_free (self->url);
  g_free (self->task);
  g_free (self->reason);
  g_object_unref (self->log);
  G_OBJECT_CLASS (scanner_connection_parent_class)->finalize (object);
}

static void
scanner_connection_class_init (ScannerConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = scanner_connection_dispose;
  object_class->finalize = scanner_connection_finalize;
  object_class->get_property = scanner_connection_get_property;

  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_DEVICE_TYPE] = g_param_spec_string ("device-type", NULL, NULL, NULL, flags);
  properties[PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, flags);
  properties[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, PLANT_RPC_TYPE_CLIENT,
                                                 flags);
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, SCANNER_TYPE_CONNECTION_STATE,
                                              SCANNER_CONNECTION_CONNECTING, flags);
  properties[PROP_STATE_TEXT] = g_param_spec_string ("state-text", NULL, NULL, NULL, flags);
  properties[PROP_STATE_ICON] = g_param_spec_string ("state-icon", NULL, NULL, NULL, flags);
  properties[PROP_DETAIL] = g_param_spec_string ("detail", NULL, NULL, NULL, flags);
  properties[PROP_ICON] = g_param_spec_string ("icon", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
scanner_connection_init (ScannerConnection *self)
{
  self->pulse = g_timeout_add_seconds (PULSE_INTERVAL, on_pulse, self);
}

ScannerConnection *
scanner_connection_new (const char *name,
                        const char *device_type,
                        const char *url,
                        ScannerLog *log)
{
  ScannerConnection *self = g_object_new (SCANNER_TYPE_CONNECTION, NULL);

  self->name = g_strdup (name);
  self->device_type = g_strdup (device_type);
  self->url = g_strdup (url);
  self->log = g_object_ref (log);
  discover (self);
  return self;
}

/* The device is at url now. */
void
scanner_connection_move (ScannerConnection *self,
                         const char        *url)
{
  if (!g_str_equal (self->url, url))
    {
      g_free (self->url);
      self->url = g_strdup (url);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_URL]);
      discover (self);
    }
  update (self);
}

void
scanner_connection_close (ScannerConnection *self)
{
  g_clear_handle_id (&self->patience, g_source_remove);
  g_clear_handle_id (&self->refusal, g_source_remove);
  g_clear_handle_id (&self->pulse, g_source_remove);
  stop_discovery (self);
  drop_client (self);
}

const char *
scanner_connection_get_name (ScannerConnection *self)
{
  return self->name;
}

ScannerConnectionState
scanner_connection_get_state (ScannerConnection *self)
{
  return self->state;
}

PlantRpcClient *
scanner_connection_get_client (ScannerConnection *self)
{
  return self->client;
}

gboolean
scanner_connection_has_method (ScannerConnection *self,
                               const char        *method)
{
  PlantRpcInterfaceInfo *info =
    self->client != NULL ? plant_rpc_client_get_interface (self->client) : NULL;

  return info != NULL && plant_rpc_interface_info_lookup_method (info, method) != NULL;
}

/* What the device works on for long: NULL once it has ended. */
void
scanner_connection_set_task (ScannerConnection *self,
                             const char        *task)
{
  if (g_strcmp0 (self->task, task) == 0)
    return;
  g_free (self->task);
  self->task = g_strdup (task);
  update (self);
}
