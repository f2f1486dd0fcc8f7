/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "path.h"
#include "pictures.h"
#include "scan.h"

#define READY_TIME 10 /* in s, until the controller is ready for what it was told */

struct _ScannerScan
{
  GObject parent_instance;

  ScannerConnection *connection;  /* (owned) (nullable) */
  PlantRpcClient    *client;      /* (owned) (nullable) */
  ScannerPictures   *pictures;    /* (owned) */
  ScannerPath        path;
  char              *dataset;     /* (owned) */
  gboolean           running;     /* started here */
  gboolean           under_way;   /* the controller has begun */
  int                n_taken;
  int                n_planned;
  gint64             begun;       /* monotonic µs */
  guint              deadline;    /* 0 unless waiting for the controller to be ready */
  char              *outcome;     /* (owned) (nullable): of the last scan */
};

typedef enum
{
  PROP_N_POINTS = 1,
  PROP_TILT,
  PROP_RADIUS,
  PROP_DATASET,
  PROP_RUNNING,
  PROP_CAN_RUN,
  PROP_CAN_ABORT,
  PROP_FRACTION,
  PROP_STATUS,
} ScannerScanProperty;

static GParamSpec *properties[PROP_STATUS + 1];
static guint ended_signal;

G_DEFINE_FINAL_TYPE (ScannerScan, scanner_scan, G_TYPE_OBJECT)

/* ---- what is shown */

static gboolean
can_run (ScannerScan *self)
{
  ScannerConnectionState state;

  if (self->connection == NULL || self->running ||
      !scanner_connection_has_method (self->connection, "run_scan"))
    return FALSE;
  state = scanner_connection_get_state (self->connection);
  return state == SCANNER_CONNECTION_CONNECTED || state == SCANNER_CONNECTION_BUSY;
}

static gboolean
can_abort (ScannerScan *self)
{
  return self->under_way && scanner_connection_has_method (self->connection, "abort_scan");
}

static char *
tell_time_left (ScannerScan *self)
{
  double elapsed = (double) (g_get_monotonic_time () - self->begun) / G_USEC_PER_SEC;
  int left = (int) ceil (elapsed / self->n_taken * (self->n_planned - self->n_taken));

  if (left >= 90)
    return g_strdup_printf (_("about %d min left"), (left + 30) / 60);
  return g_strdup_printf (_("about %d s left"), left);
}

static char *
tell_status (ScannerScan *self)
{
  g_autofree char *left = NULL;

  if (self->running && !self->under_way)
    return g_strdup (_("Preparing the scan…"));
  if (!self->running && self->outcome != NULL)
    return g_strdup (self->outcome);
  if (self->n_planned == 0)
    return g_strdup (_("No scan yet"));
  if (!self->running || self->n_taken == 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d of %d picture", "%d of %d pictures",
                                         (gulong) self->n_planned),
                            self->n_taken, self->n_planned);
  left = tell_time_left (self);
  /* Translators: the last is “about 12 s left”. */
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d of %d picture, %s",
                                       "%d of %d pictures, %s", (gulong) self->n_planned),
                          self->n_taken, self->n_planned, left);
}

static void
update (ScannerScan *self)
{
  g_autofree char *status = tell_status (self);

  g_object_freeze_notify (G_OBJECT (self));
  for (guint id = PROP_RUNNING; id <= PROP_STATUS; id++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
  g_object_thaw_notify (G_OBJECT (self));
  if (self->connection != NULL)
    scanner_connection_set_task (self->connection, self->running ? status : NULL);
}

/* ---- progress: whatever types its numbers have */

static int
read_number (ScannerScan *self,
             const char  *name)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (self->client), name) != NULL)
    g_object_get_property (G_OBJECT (self->client), name, &value);
  return g_value_get_int (&value);
}

static void
on_progress (ScannerScan *self)
{
  self->n_taken = read_number (self, "progress");
  self->n_planned = read_number (self, "max-progress");
  update (self);
  scanner_pictures_set_n_taken (self->pictures, scanner_scan_get_n_taken (self));
}

/* ---- a scan that is started here */

static void
end (ScannerScan  *self,
     const GError *error)
{
  g_autofree char *message = plant_rpc_text_escape (error != NULL ? error->message : "");

  g_clear_handle_id (&self->deadline, g_source_remove);
  self->running = FALSE;
  self->under_way = FALSE;
  g_free (self->outcome);
  self->outcome = error == NULL
                    ? g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d picture taken",
                                                    "All %d pictures taken",
                                                    (gulong) self->n_taken),
                                       self->n_taken)
                    : g_strdup_printf (_("The scan failed: %s"), message);
  update (self);
  g_signal_emit (self, ended_signal, 0, message);
}

static void
on_scanned (GObject      *connection,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (ScannerScan) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value =
    scanner_connection_call_finish (SCANNER_CONNECTION (connection), result, &error);

  if (self->running && connection == (GObject *) self->connection)
    end (self, error);
}

static gboolean
is_ready (ScannerScan *self)
{
  gboolean ready = TRUE;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (self->client), "ready-to-scan") != NULL)
    g_object_get (self->client, "ready-to-scan", &ready, NULL);
  return ready;
}

static void
start (ScannerScan *self)
{
  g_clear_handle_id (&self->deadline, g_source_remove);
  self->under_way = TRUE;
  self->begun = g_get_monotonic_time ();
  update (self);
  scanner_connection_call (self->connection, "run_scan", NULL, PLANT_RPC_TIMEOUT_NONE, NULL,
                           on_scanned, g_object_ref (self));
}

static gboolean
on_never_ready (gpointer user_data)
{
  ScannerScan *self = user_data;
  g_autoptr (GError) error =
    g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY,
                         _("the controller is not ready, maybe it has no camera"));

  self->deadline = 0;
  end (self, error);
  return G_SOURCE_REMOVE;
}

static void
on_ready (ScannerScan *self)
{
  if (self->deadline != 0 && is_ready (self))
    start (self);
}

/* Whether what was asked of the controller before the scan is done; else it has ended, or another
 * controller was chosen. */
static gboolean
finish_step (ScannerScan       *self,
             ScannerConnection *connection,
             GAsyncResult      *result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = scanner_connection_call_finish (connection, result, &error);

  if (!self->running || connection != self->connection)
    return FALSE;
  if (error != NULL)
    end (self, error);
  return error == NULL;
}

static void
on_named (GObject      *connection,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (ScannerScan) self = user_data;

  if (!finish_step (self, SCANNER_CONNECTION (connection), result))
    return;
  self->deadline = g_timeout_add_seconds (READY_TIME, on_never_ready, self);
  on_ready (self);
}

static void
on_configured (GObject      *connection,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (ScannerScan) self = user_data;

  if (finish_step (self, SCANNER_CONNECTION (connection), result))
    scanner_connection_call (self->connection, "set_dataset_name",
                             g_variant_new ("(s)", self->dataset), PLANT_RPC_TIMEOUT_FROM_SERVER,
                             NULL, on_named, g_object_ref (self));
}

void
scanner_scan_run (ScannerScan *self)
{
  if (!can_run (self))
    return;
  self->running = TRUE;
  g_clear_pointer (&self->outcome, g_free);
  update (self);
  scanner_connection_call (self->connection, "set_config",
                           g_variant_new ("(@a{sv})", scanner_path_write (&self->path)),
                           PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, on_configured, g_object_ref (self));
}

/* The scan then ends with an error of the controller. */
void
scanner_scan_abort (ScannerScan *self)
{
  if (self->under_way)
    scanner_connection_call (self->connection, "abort_scan", NULL, PLANT_RPC_TIMEOUT_FROM_SERVER,
                             NULL, NULL, NULL);
}

/* ---- the controller */

static void
set_client (ScannerScan    *self,
            PlantRpcClient *client)
{
  if (self->client == client)
    return;
  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  scanner_pictures_set_connection (self->pictures, client != NULL ? self->connection : NULL);
  self->n_taken = self->n_planned = 0;
  g_set_object (&self->client, client);
  if (client == NULL || !scanner_connection_has_method (self->connection, "run_scan"))
    return;
  g_signal_connect_swapped (client, "notify::progress", G_CALLBACK (on_progress), self);
  g_signal_connect_swapped (client, "notify::max-progress", G_CALLBACK (on_progress), self);
  g_signal_connect_swapped (client, "notify::ready-to-scan", G_CALLBACK (on_ready), self);
  on_progress (self);
}

static void
on_client_changed (ScannerScan *self)
{
  set_client (self, scanner_connection_get_client (self->connection));
  update (self);
}

static void
on_state_changed (ScannerScan *self)
{
  update (self);
  scanner_pictures_fetch (self->pictures);
}

static void
drop_connection (ScannerScan *self)
{
  set_client (self, NULL);
  g_clear_handle_id (&self->deadline, g_source_remove);
  if (self->connection == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->connection, self);
  scanner_connection_set_task (self->connection, NULL);
  g_clear_object (&self->connection);
}

/* connection may be NULL. */
void
scanner_scan_set_connection (ScannerScan       *self,
                             ScannerConnection *connection)
{
  if (self->connection == connection)
    return;
  drop_connection (self);
  self->running = FALSE;
  self->under_way = FALSE;
  g_clear_pointer (&self->outcome, g_free);
  if (connection != NULL)
    {
      self->connection = g_object_ref (connection);
      g_signal_connect_swapped (connection, "notify::client", G_CALLBACK (on_client_changed),
                                self);
      g_signal_connect_swapped (connection, "notify::state", G_CALLBACK (on_state_changed), self);
      set_client (self, scanner_connection_get_client (connection));
    }
  update (self);
}

gboolean
scanner_scan_get_running (ScannerScan *self)
{
  return self->running;
}

guint
scanner_scan_get_n_taken (ScannerScan *self)
{
  return (guint) MAX (self->n_taken, 0);
}

/* Of the scan that is shown, or else of the next one. */
guint
scanner_scan_get_n_points (ScannerScan *self)
{
  return self->n_taken > 0 && self->n_planned > 0 ? (guint) self->n_planned : self->path.n_points;
}

double
scanner_scan_get_radius (ScannerScan *self)
{
  return self->path.radius;
}

GListModel *
scanner_scan_get_pictures (ScannerScan *self)
{
  return scanner_pictures_get_model (self->pictures);
}

/* ---- the object */

static double
get_fraction (ScannerScan *self)
{
  return self->n_planned > 0 ? CLAMP ((double) self->n_taken / self->n_planned, 0, 1) : 0;
}

static void
scanner_scan_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  ScannerScan *self = SCANNER_SCAN (object);

  switch ((ScannerScanProperty) prop_id)
    {
    case PROP_N_POINTS:
      g_value_set_uint (value, self->path.n_points);
      break;
    case PROP_TILT:
      g_value_set_double (value, self->path.tilt);
      break;
    case PROP_RADIUS:
      g_value_set_double (value, self->path.radius);
      break;
    case PROP_DATASET:
      g_value_set_string (value, self->dataset);
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, self->running);
      break;
    case PROP_CAN_RUN:
      g_value_set_boolean (value, can_run (self));
      break;
    case PROP_CAN_ABORT:
      g_value_set_boolean (value, can_abort (self));
      break;
    case PROP_FRACTION:
      g_value_set_double (value, get_fraction (self));
      break;
    case PROP_STATUS:
      g_value_take_string (value, tell_status (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_scan_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  ScannerScan *self = SCANNER_SCAN (object);

  switch ((ScannerScanProperty) prop_id)
    {
    case PROP_N_POINTS:
      self->path.n_points = g_value_get_uint (value);
      break;
    case PROP_TILT:
      self->path.tilt = g_value_get_double (value);
      break;
    case PROP_RADIUS:
      self->path.radius = g_value_get_double (value);
      break;
    case PROP_DATASET:
      g_free (self->dataset);
      self->dataset = g_value_dup_string (value);
      break;
    case PROP_RUNNING:
    case PROP_CAN_RUN:
    case PROP_CAN_ABORT:
    case PROP_FRACTION:
    case PROP_STATUS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_scan_dispose (GObject *object)
{
  drop_connection (SCANNER_SCAN (object));
  G_OBJECT_CLASS (scanner_scan_parent_class)->dispose (object);
}

static void
scanner_scan_finalize (GObject *object)
{
  ScannerScan *self = SCANNER_SCAN (object);

  g_object_unref (self->pictures);
  g_free (self->dataset);
  g_free (self->outcome);
  G_OBJECT_CLASS (scanner_scan_parent_class)->finalize (object);
}

static void
scanner_scan_class_init (ScannerScanClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const ScannerPath path = SCANNER_PATH_INIT;
  const GParamFlags told = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags setting = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = scanner_scan_get_property;
  object_class->set_property = scanner_scan_set_property;
  object_class->dispose = scanner_scan_dispose;
  object_class->finalize = scanner_scan_finalize;

  properties[PROP_N_POINTS] = g_param_spec_uint ("n-points", NULL, NULL, 1,
                                                 SCANNER_PATH_MAX_POINTS, path.n_points, setting);
  properties[PROP_TILT] = g_param_spec_double ("tilt", NULL, NULL, 0, 90, path.tilt, setting);
  properties[PROP_RADIUS] = g_param_spec_double ("radius", NULL, NULL, 0, G_MAXDOUBLE, path.radius,
                                                 setting);
  properties[PROP_DATASET] = g_param_spec_string ("dataset", NULL, NULL, NULL, setting);
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, told);
  properties[PROP_CAN_RUN] = g_param_spec_boolean ("can-run", NULL, NULL, FALSE, told);
  properties[PROP_CAN_ABORT] = g_param_spec_boolean ("can-abort", NULL, NULL, FALSE, told);
  properties[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0, 1, 0, told);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, told);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  ended_signal = g_signal_new ("ended", SCANNER_TYPE_SCAN, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, G_TYPE_STRING);
}

static char *
name_dataset (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  return g_date_time_format (now, "plant-%Y-%m-%d");
}

static void
scanner_scan_init (ScannerScan *self)
{
  self->pictures = scanner_pictures_new ();
  self->path = (ScannerPath) SCANNER_PATH_INIT;
  self->dataset = name_dataset ();
}

ScannerScan *
scanner_scan_new (void)
{
  return g_object_new (SCANNER_TYPE_SCAN, NULL);
}
