/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "connection-private.h"
#include "value-text.h"

#define PATIENCE 1000  /* in ms, until a device that does not answer is busy */
#define REFUSAL_TIME 8 /* in s, for which a refusal is the state of the device */

/* One device as the application is connected to it. */
struct _ScannerConnection
{
  GObject parent_instance;

  char                   *name;        /* (owned) */
  char                   *device_type; /* (owned) */
  char                   *url;         /* (owned) */
  ScannerLog             *log;         /* (owned) */
  PlantRpcDiscovery      *discovery;   /* (owned) (nullable): NULL once closed */
  PlantRpcClient         *client;      /* (owned) (nullable): NULL until the device is found. It
                                        * outlives the discovery when the device moves. */
  char                   *task;        /* (owned) (nullable): what it works on */
  char                   *refusal;     /* (owned) (nullable): why it refused a write just now */
  ScannerConnectionState  state;
  GError                 *doubt;       /* (owned) (nullable): why its key is not trusted */
  guint                   n_calls;     /* under way */
  gboolean                slow;        /* the calls under way last */
  guint                   patience;    /* source ids, 0 unless they run */
  guint                   refusal_end;
};

typedef enum
{
  PROP_NAME = 1,
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
                    G_DEFINE_ENUM_VALUE (SCANNER_CONNECTION_GONE, "gone"),
                    G_DEFINE_ENUM_VALUE (SCANNER_CONNECTION_LOCKED, "locked"),
                    G_DEFINE_ENUM_VALUE (SCANNER_CONNECTION_DOUBTED, "doubted"))

G_DEFINE_FINAL_TYPE (ScannerConnection, scanner_connection, G_TYPE_OBJECT)

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
  [SCANNER_CONNECTION_LOCKED] = { N_("Not let in"), "system-lock-screen-symbolic" },
  [SCANNER_CONNECTION_DOUBTED] = { N_("Not trusted"), "channel-insecure-symbolic" },
};

static ScannerConnectionState
find_state_of_error (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED)
             ? SCANNER_CONNECTION_LOCKED : SCANNER_CONNECTION_GONE;
}

static ScannerConnectionState
find_state_of_discovery (ScannerConnection *self)
{
  const GError *error = plant_rpc_discovery_get_last_error (self->discovery);

  if (error == NULL)
    return SCANNER_CONNECTION_CONNECTING;
  /* A device that takes connections, but does not answer yet, may work for another client. */
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ? SCANNER_CONNECTION_STALE
                                                                   : find_state_of_error (error);
}

static ScannerConnectionState
find_state (ScannerConnection *self)
{
  if (self->doubt != NULL && (self->client == NULL || !plant_rpc_client_is_ready (self->client)))
    return SCANNER_CONNECTION_DOUBTED;
  if (self->client == NULL)
    return find_state_of_discovery (self);
  if (plant_rpc_client_get_state (self->client) == PLANT_RPC_STATE_SUSPECT)
    return SCANNER_CONNECTION_STALE;
  if (!plant_rpc_client_is_ready (self->client))
    return find_state_of_error (plant_rpc_client_get_last_error (self->client));
  if (self->refusal != NULL)
    return SCANNER_CONNECTION_REFUSED;
  return self->slow || self->task != NULL ? SCANNER_CONNECTION_BUSY : SCANNER_CONNECTION_CONNECTED;
}

static const char *
get_detail (ScannerConnection *self)
{
  const GError *error = NULL;

  if (self->state == SCANNER_CONNECTION_REFUSED)
    return self->refusal;
  if (self->state == SCANNER_CONNECTION_DOUBTED)
    return self->doubt->message;
  if (self->client != NULL)
    error = plant_rpc_client_get_last_error (self->client);
  else if (self->discovery != NULL)
    error = plant_rpc_discovery_get_last_error (self->discovery);
  return error != NULL ? error->message : self->url;
}

/* failure may be NULL. */
static void
note (ScannerConnection *self,
      ScannerLogKind     kind,
      const char        *title,
      const char        *failure)
{
  ScannerLogEntry *entry = scanner_log_add (self->log, self->name, kind, title);

  if (failure != NULL)
    scanner_log_entry_set_outcome (entry, failure, TRUE);
}

static void
set_state (ScannerConnection      *self,
           ScannerConnectionState  state)
{
  if (state == self->state)
    return;
  self->state = state;
  if (state != SCANNER_CONNECTION_BUSY && state != SCANNER_CONNECTION_REFUSED)
    note (self, SCANNER_LOG_STATE, _(looks[state].text),
          state >= SCANNER_CONNECTION_GONE ? get_detail (self) : NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE_ICON]);
}

static void
update (ScannerConnection *self)
{
  if (self->discovery == NULL && self->doubt == NULL)
    return;
  g_object_freeze_notify (G_OBJECT (self));
  set_state (self, find_state (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE_TEXT]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DETAIL]);
  g_object_thaw_notify (G_OBJECT (self));
}

/* ---- what the device tells */

static void
forget_refusal (ScannerConnection *self)
{
  g_clear_handle_id (&self->refusal_end, g_source_remove);
  g_clear_pointer (&self->refusal, g_free);
}

static gboolean
on_refusal_over (gpointer user_data)
{
  ScannerConnection *self = user_data;

  self->refusal_end = 0;
  forget_refusal (self);
  update (self);
  return G_SOURCE_REMOVE;
}

static void
on_write_failed (ScannerConnection *self,
                 const char        *name,
                 const GError      *error)
{
  g_autofree char *title = g_strdup_printf (_("%s was not changed"), name);

  note (self, SCANNER_LOG_CHANGE, title, error->message);
  forget_refusal (self);
  self->refusal = g_strdup (error->message);
  self->refusal_end = g_timeout_add_seconds (REFUSAL_TIME, on_refusal_over, self);
  update (self);
}

static void
on_signal (ScannerConnection *self,
           const char        *name,
           GVariant          *args)
{
  g_autofree char *arguments = scanner_value_text_of_arguments (args);
  g_autofree char *title = g_strdup_printf ("%s (%s)", name, arguments);

  note (self, SCANNER_LOG_SIGNAL, title, NULL);
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
  note (self, SCANNER_LOG_CHANGE, title, NULL);
}

static void
on_protocol_error (ScannerConnection *self,
                   const GError      *error)
{
  note (self, SCANNER_LOG_SIGNAL, _("Something was not understood"), error->message);
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
on_discovered (ScannerConnection *self)
{
  PlantRpcClient *client = g_object_ref (plant_rpc_discovery_get_client (self->discovery));

  drop_client (self);
  forget_refusal (self);
  self->client = client;
  g_signal_connect_swapped (client, "notify::state", G_CALLBACK (update), self);
  g_signal_connect_swapped (client, "notify::last-error", G_CALLBACK (update), self);
  g_signal_connect_swapped (client, "notify", G_CALLBACK (on_notify), self);
  g_signal_connect_swapped (client, "write-failed", G_CALLBACK (on_write_failed), self);
  g_signal_connect_swapped (client, "signal-received", G_CALLBACK (on_signal), self);
  g_signal_connect_swapped (client, "protocol-error", G_CALLBACK (on_protocol_error), self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLIENT]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ICON]);
  update (self);
}

/* Only a device of a registry has a type, and a registry may list any key. */
static gboolean
is_trusted (ScannerConnection *self)
{
  g_autoptr (PlantRpcKnownDevices) known = plant_rpc_known_devices_new ();

  g_clear_error (&self->doubt);
  return *self->device_type == '\0' ||
         plant_rpc_known_devices_check (known, self->name, self->url, &self->doubt);
}

/* While a device is not trusted, the one that was found before is. */
static void
discover (ScannerConnection *self)
{
  if (!is_trusted (self))
    return;
  g_clear_object (&self->discovery);
  self->discovery = plant_rpc_discovery_new (self->url);
  g_signal_connect_swapped (self->discovery, "notify::client", G_CALLBACK (on_discovered), self);
  g_signal_connect_swapped (self->discovery, "notify::last-error", G_CALLBACK (update), self);
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
      g_value_take_string (value, plant_rpc_text_escape (self->name));
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
      g_value_set_string (value, self->state == SCANNER_CONNECTION_CONNECTED &&
                                         strchr (self->url, '#') != NULL
                                     ? "channel-secure-symbolic" : looks[self->state].icon);
      break;
    case PROP_DETAIL:
      g_value_take_string (value, plant_rpc_text_escape (get_detail (self)));
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
  update (self);
  return self;
}

/* The device is at url now. What it told last stays until it is found there. */
void
scanner_connection_move (ScannerConnection *self,
                         const char        *url)
{
  if (g_str_equal (self->url, url))
    return;
  g_free (self->url);
  self->url = g_strdup (url);
  discover (self);
  update (self);
}

const char *
scanner_connection_get_remedy (ScannerConnection *self)
{
  if (self->state != SCANNER_CONNECTION_DOUBTED || self->doubt->domain != G_IO_ERROR)
    return NULL;
  if (self->doubt->code == G_IO_ERROR_NOT_FOUND)
    return _("_Trust This Key");
  return self->doubt->code == G_IO_ERROR_PERMISSION_DENIED ? _("_Forget the Known Key") : NULL;
}

void
scanner_connection_trust (ScannerConnection *self)
{
  g_autoptr (PlantRpcKnownDevices) known = plant_rpc_known_devices_new ();
  g_autoptr (GError) error = NULL;
  gboolean done;

  if (scanner_connection_get_remedy (self) == NULL)
    return;
  if (self->doubt->code == G_IO_ERROR_NOT_FOUND)
    done = plant_rpc_known_devices_remember (known, self->name, self->url, &error);
  else
    done = plant_rpc_known_devices_forget (known, self->name, &error);
  if (done)
    discover (self);
  else
    note (self, SCANNER_LOG_STATE, _("The key was not changed"), error->message);
  update (self);
}

void
scanner_connection_close (ScannerConnection *self)
{
  g_clear_error (&self->doubt);
  g_clear_handle_id (&self->patience, g_source_remove);
  forget_refusal (self);
  g_clear_object (&self->discovery);
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
