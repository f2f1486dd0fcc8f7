/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "controller-device.h"

#include "path.h"
#include "sweep.h"

/* A scan controller with one camera. It keeps the pictures of its last scan, for get_picture: it
 * notes the address and the token of a database, but sends nothing there. */
struct _ScannerControllerDevice
{
  GObject parent_instance;

  PlantRpcClient     *camera;       /* (owned) */
  char               *db_url;       /* (owned) (nullable) */
  char               *api_token;    /* (owned) (nullable) */
  char               *dataset_name; /* (owned) (nullable) */
  gboolean            configured;
  gboolean            ready;        /* as last notified */
  ScannerPath         path;
  PlantRpcInvocation *scan;         /* (owned) (nullable): the run_scan that is under way */
  int                 max_progress;
  GPtrArray          *pictures;     /* (owned) (element-type GBytes) */
  GPtrArray          *infos;        /* (owned) (element-type GVariant): of the pictures */
};

typedef enum
{
  PROP_PROGRESS = 1,
  PROP_MAX_PROGRESS,
  PROP_READY_TO_SCAN,
  PROP_CAMERA_NAMES,
} ScannerControllerDeviceProperty;

G_DEFINE_FINAL_TYPE_WITH_CODE (ScannerControllerDevice, scanner_controller_device, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SCANNER_TYPE_CONTROLLER_CONTRACT, NULL))

static gboolean
camera_is_ready (ScannerControllerDevice *self)
{
  return plant_rpc_client_get_state (self->camera) == PLANT_RPC_STATE_READY;
}

static const char *
get_obstacle (ScannerControllerDevice *self)
{
  if (self->scan != NULL)
    return "A scan is under way";
  if (!camera_is_ready (self))
    return "No camera is connected";
  if (!self->configured)
    return "The scan has no config yet";
  if (self->dataset_name == NULL)
    return "The dataset has no name yet";
  return NULL;
}

static void
update_ready (ScannerControllerDevice *self)
{
  gboolean ready = get_obstacle (self) == NULL;

  if (self->ready == ready)
    return;
  self->ready = ready;
  g_object_notify (G_OBJECT (self), "ready-to-scan");
}

static void
on_camera_changed (ScannerControllerDevice *self)
{
  g_object_notify (G_OBJECT (self), "camera-names");
  update_ready (self);
}

static GStrv
list_cameras (ScannerControllerDevice *self)
{
  g_autoptr(GStrvBuilder) names = g_strv_builder_new ();
  const char *name = plant_rpc_client_get_name (self->camera);

  if (camera_is_ready (self))
    g_strv_builder_add (names, *name != '\0' ? name : plant_rpc_client_get_url (self->camera));
  return g_strv_builder_end (names);
}

/* The value of the only argument. */
static GVariant *
get_argument (PlantRpcInvocation *invocation)
{
  GVariant *value;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &value);
  return value;
}

/* Empty text takes back what was set. */
static void
take_text (char               **to,
           PlantRpcInvocation  *invocation)
{
  g_autoptr(GVariant) argument = get_argument (invocation);
  const char *text = g_variant_get_string (argument, NULL);

  g_free (*to);
  *to = *text != '\0' ? g_strdup (text) : NULL;
  plant_rpc_invocation_return_value (invocation, NULL);
}

static void
set_db_url (PlantRpcInvocation  *invocation,
            gpointer             user_data,
            GError             **error)
{
  ScannerControllerDevice *self = user_data;
  g_autoptr(GVariant) argument = get_argument (invocation);

  if (g_uri_is_valid (g_variant_get_string (argument, NULL), G_URI_FLAGS_NONE, error))
    take_text (&self->db_url, invocation);
}

static void
set_api_token (PlantRpcInvocation  *invocation,
               gpointer             user_data,
               GError             **error)
{
  take_text (&SCANNER_CONTROLLER_DEVICE (user_data)->api_token, invocation);
}

static void
set_dataset_name (PlantRpcInvocation  *invocation,
                  gpointer             user_data,
                  GError             **error)
{
  ScannerControllerDevice *self = user_data;

  take_text (&self->dataset_name, invocation);
  update_ready (self);
}

static void
set_config (PlantRpcInvocation  *invocation,
            gpointer             user_data,
            GError             **error)
{
  ScannerControllerDevice *self = user_data;
  g_autoptr(GVariant) config = get_argument (invocation);
  ScannerPath path = SCANNER_PATH_INIT;

  if (!scanner_path_read (&path, config, error))
    return;
  self->path = path;
  self->configured = TRUE;
  plant_rpc_invocation_return_value (invocation, NULL);
  update_ready (self);
}

static void
on_picture (GBytes   *picture,
            GVariant *info,
            gpointer  user_data)
{
  ScannerControllerDevice *self = user_data;

  g_ptr_array_add (self->infos, g_variant_ref (info));
  g_ptr_array_add (self->pictures, g_bytes_ref (picture));
  g_object_notify (G_OBJECT (self), "progress");
}

static void
on_swept (GObject      *camera,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(ScannerControllerDevice) self = user_data;
  g_autoptr(PlantRpcInvocation) scan = g_steal_pointer (&self->scan);
  g_autoptr(GError) error = NULL;

  if (scanner_sweep_finish (PLANT_RPC_CLIENT (camera), result, &error))
    plant_rpc_invocation_return_value (scan, NULL);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    plant_rpc_invocation_return_failure (scan, "The scan was aborted", NULL);
  else
    plant_rpc_invocation_return_gerror (scan, error);
  update_ready (self);
}

static void
clear_pictures (ScannerControllerDevice *self)
{
  if (self->pictures->len == 0)
    return;
  g_ptr_array_set_size (self->pictures, 0);
  g_ptr_array_set_size (self->infos, 0);
  g_object_notify (G_OBJECT (self), "progress");
}

static void
set_max_progress (ScannerControllerDevice *self,
                  int                      max_progress)
{
  if (self->max_progress == max_progress)
    return;
  self->max_progress = max_progress;
  g_object_notify (G_OBJECT (self), "max-progress");
}

/* Answered when the scan has ended; until then its cancellable ends it. */
static void
run_scan (PlantRpcInvocation  *invocation,
          gpointer             user_data,
          GError             **error)
{
  ScannerControllerDevice *self = user_data;
  const char *obstacle = get_obstacle (self);

  if (obstacle != NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, obstacle);
      return;
    }
  self->scan = g_object_ref (invocation);
  clear_pictures (self);
  set_max_progress (self, (int) self->path.n_points);
  update_ready (self);
  scanner_sweep (self->camera, &self->path, plant_rpc_invocation_get_cancellable (invocation),
                 on_picture, self, on_swept, g_object_ref (self));
}

static void
abort_scan (PlantRpcInvocation  *invocation,
            gpointer             user_data,
            GError             **error)
{
  ScannerControllerDevice *self = user_data;

  if (self->scan != NULL)
    g_cancellable_cancel (plant_rpc_invocation_get_cancellable (self->scan));
  plant_rpc_invocation_return_value (invocation, NULL);
}

static void
get_picture (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  ScannerControllerDevice *self = user_data;
  g_autoptr(GVariant) argument = get_argument (invocation);
  int index = g_variant_get_int32 (argument);

  if (index >= 0 && (guint) index < self->pictures->len)
    plant_rpc_invocation_return_buffer (invocation, g_ptr_array_index (self->pictures, index),
                                        g_ptr_array_index (self->infos, index));
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no picture %d", index);
}

static void
scanner_controller_device_dispose (GObject *object)
{
  ScannerControllerDevice *self = SCANNER_CONTROLLER_DEVICE (object);

  if (self->camera != NULL)
    g_signal_handlers_disconnect_by_data (self->camera, self);
  g_clear_object (&self->camera);
  g_clear_object (&self->scan);
  G_OBJECT_CLASS (scanner_controller_device_parent_class)->dispose (object);
}

static void
scanner_controller_device_finalize (GObject *object)
{
  ScannerControllerDevice *self = SCANNER_CONTROLLER_DEVICE (object);

  g_free (self->db_url);
  g_free (self->api_token);
  g_free (self->dataset_name);
  g_ptr_array_unref (self->pictures);
  g_ptr_array_unref (self->infos);
  G_OBJECT_CLASS (scanner_controller_device_parent_class)->finalize (object);
}

static void
scanner_controller_device_get_property (GObject    *object,
                                        guint       prop_id,
                                        GValue     *value,
                                        GParamSpec *pspec)
{
  ScannerControllerDevice *self = SCANNER_CONTROLLER_DEVICE (object);

  switch ((ScannerControllerDeviceProperty) prop_id)
    {
    case PROP_PROGRESS:
      g_value_set_int (value, (int) self->pictures->len);
      break;
    case PROP_MAX_PROGRESS:
      g_value_set_int (value, self->max_progress);
      break;
    case PROP_READY_TO_SCAN:
      g_value_set_boolean (value, self->ready);
      break;
    case PROP_CAMERA_NAMES:
      g_value_take_boxed (value, list_cameras (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_controller_device_class_init (ScannerControllerDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = scanner_controller_device_dispose;
  object_class->finalize = scanner_controller_device_finalize;
  object_class->get_property = scanner_controller_device_get_property;

  g_object_class_override_property (object_class, PROP_PROGRESS, "progress");
  g_object_class_override_property (object_class, PROP_MAX_PROGRESS, "max-progress");
  g_object_class_override_property (object_class, PROP_READY_TO_SCAN, "ready-to-scan");
  g_object_class_override_property (object_class, PROP_CAMERA_NAMES, "camera-names");
}

static void
scanner_controller_device_init (ScannerControllerDevice *self)
{
  self->pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->infos = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
}

/* camera is a client made for the contract of cameras. */
ScannerControllerDevice *
scanner_controller_device_new (PlantRpcClient *camera)
{
  ScannerControllerDevice *self = g_object_new (SCANNER_TYPE_CONTROLLER_DEVICE, NULL);

  self->camera = g_object_ref (camera);
  g_signal_connect_swapped (camera, "notify::state", G_CALLBACK (on_camera_changed), self);
  g_signal_connect_swapped (camera, "notify::name", G_CALLBACK (on_camera_changed), self);
  return self;
}

static const PlantRpcMethodHandler handlers[SCANNER_N_METHODS] = {
  [SCANNER_METHOD_SET_DB_URL] = set_db_url,
  [SCANNER_METHOD_SET_CONFIG] = set_config,
  [SCANNER_METHOD_SET_DATASET_NAME] = set_dataset_name,
  [SCANNER_METHOD_SET_API_TOKEN] = set_api_token,
  [SCANNER_METHOD_RUN_SCAN] = run_scan,
  [SCANNER_METHOD_ABORT_SCAN] = abort_scan,
  [SCANNER_METHOD_GET_PICTURE] = get_picture,
};

/* Makes a server of the controller offer the methods of the contract. */
void
scanner_controller_device_offer (ScannerControllerDevice *self,
                                 PlantRpcServer          *server)
{
  for (guint i = 0; i < SCANNER_N_METHODS; i++)
    {
      const ScannerMethod *method = &scanner_controller_methods[i];

      if (method->buffer)
        plant_rpc_server_register_method_buffer (server, method->name, method->signature,
                                                 method->timeout, PLANT_RPC_METHOD_FLAGS_NONE,
                                                 handlers[i], self, NULL);
      else
        plant_rpc_server_register_method_json (server, method->name, method->signature,
                                               method->timeout, PLANT_RPC_METHOD_FLAGS_NONE,
                                               handlers[i], self, NULL);
    }
}
