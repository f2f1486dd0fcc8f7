/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "controller-device.h"

#include "path.h"
#include "sweep.h"

/* A scan controller with one camera. It keeps the pictures of its last scan, for get_picture: it
 * notes the address and the token of a database, but sends nothing there. */
struct _ScannerControllerDevice
{
  ImagerControllerSkeleton parent_instance;

  PlantRpcClient     *camera;       /* (owned) */
  char               *db_url;       /* (owned) (nullable) */
  char               *api_token;    /* (owned) (nullable) */
  char               *dataset_name; /* (owned) (nullable) */
  gboolean            configured;
  ScannerPath         path;
  PlantRpcInvocation *scan;         /* (owned) (nullable): the run_scan that is under way */
  GPtrArray          *pictures;     /* (owned) (element-type GBytes) */
  GPtrArray          *infos;        /* (owned) (element-type GVariant): of the pictures */
};

G_DEFINE_FINAL_TYPE (ScannerControllerDevice, scanner_controller_device,
                     IMAGER_TYPE_CONTROLLER_SKELETON)

static gboolean
camera_is_ready (ScannerControllerDevice *self)
{
  return plant_rpc_client_is_ready (self->camera);
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
  imager_controller_skeleton_set_ready_to_scan (IMAGER_CONTROLLER_SKELETON (self),
                                                get_obstacle (self) == NULL);
}

static void
update_progress (ScannerControllerDevice *self)
{
  imager_controller_skeleton_set_progress (IMAGER_CONTROLLER_SKELETON (self),
                                           (int) self->pictures->len);
}

static void
on_camera_changed (ScannerControllerDevice *self)
{
  const char *name = plant_rpc_client_get_name (self->camera);
  const char *names[] = { NULL, NULL };

  if (camera_is_ready (self))
    names[0] = *name != '\0' ? name : plant_rpc_client_get_url (self->camera);
  imager_controller_skeleton_set_camera_names (IMAGER_CONTROLLER_SKELETON (self), names);
  update_ready (self);
}

/* Empty text takes back what was set. */
static void
take_text (char       **to,
           const char  *text)
{
  g_free (*to);
  *to = *text != '\0' ? g_strdup (text) : NULL;
}

static gboolean
fail (PlantRpcInvocation *call,
      const GError       *error)
{
  plant_rpc_invocation_return_gerror (call, error);
  return TRUE;
}

static gboolean
set_db_url (ImagerControllerSkeleton *skeleton,
            PlantRpcInvocation       *call,
            const char               *url)
{
  g_autoptr (GError) error = NULL;

  if (!g_uri_is_valid (url, G_URI_FLAGS_NONE, &error))
    return fail (call, error);
  take_text (&SCANNER_CONTROLLER_DEVICE (skeleton)->db_url, url);
  imager_controller_skeleton_complete_set_db_url (skeleton, call);
  return TRUE;
}

static gboolean
set_api_token (ImagerControllerSkeleton *skeleton,
               PlantRpcInvocation       *call,
               const char               *token)
{
  take_text (&SCANNER_CONTROLLER_DEVICE (skeleton)->api_token, token);
  imager_controller_skeleton_complete_set_api_token (skeleton, call);
  return TRUE;
}

static gboolean
set_dataset_name (ImagerControllerSkeleton *skeleton,
                  PlantRpcInvocation       *call,
                  const char               *name)
{
  ScannerControllerDevice *self = SCANNER_CONTROLLER_DEVICE (skeleton);

  take_text (&self->dataset_name, name);
  imager_controller_skeleton_complete_set_dataset_name (skeleton, call);
  update_ready (self);
  return TRUE;
}

static gboolean
set_config (ImagerControllerSkeleton *skeleton,
            PlantRpcInvocation       *call,
            GVariant                 *config)
{
  ScannerControllerDevice *self = SCANNER_CONTROLLER_DEVICE (skeleton);
  ScannerPath path = SCANNER_PATH_INIT;
  g_autoptr (GError) error = NULL;

  if (!scanner_path_read (&path, config, &error))
    return fail (call, error);
  self->path = path;
  self->configured = TRUE;
  imager_controller_skeleton_complete_set_config (skeleton, call);
  update_ready (self);
  return TRUE;
}

static void
on_picture (GBytes   *picture,
            GVariant *info,
            gpointer  user_data)
{
  ScannerControllerDevice *self = user_data;

  g_ptr_array_add (self->infos, g_variant_ref (info));
  g_ptr_array_add (self->pictures, g_bytes_ref (picture));
  update_progress (self);
}

static void
on_swept (GObject      *camera,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (ScannerControllerDevice) self = user_data;
  g_autoptr (PlantRpcInvocation) scan = g_steal_pointer (&self->scan);
  g_autoptr (GError) error = NULL;

  if (scanner_sweep_finish (PLANT_RPC_CLIENT (camera), result, &error))
    imager_controller_skeleton_complete_run_scan (IMAGER_CONTROLLER_SKELETON (self), scan);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    plant_rpc_invocation_return_failure (scan, "The scan was aborted", NULL);
  else
    plant_rpc_invocation_return_gerror (scan, error);
  update_ready (self);
}

/* Answered when the scan has ended; until then its cancellable ends it. */
static gboolean
run_scan (ImagerControllerSkeleton *skeleton,
          PlantRpcInvocation       *call)
{
  ScannerControllerDevice *self = SCANNER_CONTROLLER_DEVICE (skeleton);
  const char *obstacle = get_obstacle (self);

  if (obstacle != NULL)
    {
      plant_rpc_invocation_return_failure (call, obstacle, NULL);
      return TRUE;
    }
  self->scan = g_object_ref (call);
  g_ptr_array_set_size (self->pictures, 0);
  g_ptr_array_set_size (self->infos, 0);
  update_progress (self);
  imager_controller_skeleton_set_max_progress (skeleton, (int) self->path.n_points);
  update_ready (self);
  scanner_sweep (self->camera, &self->path, plant_rpc_invocation_get_cancellable (call),
                 on_picture, self, on_swept, g_object_ref (self));
  return TRUE;
}

static gboolean
abort_scan (ImagerControllerSkeleton *skeleton,
            PlantRpcInvocation       *call)
{
  ScannerControllerDevice *self = SCANNER_CONTROLLER_DEVICE (skeleton);

  if (self->scan != NULL)
    g_cancellable_cancel (plant_rpc_invocation_get_cancellable (self->scan));
  imager_controller_skeleton_complete_abort_scan (skeleton, call);
  return TRUE;
}

static gboolean
get_picture (ImagerControllerSkeleton *skeleton,
             PlantRpcInvocation       *call,
             int                       index)
{
  ScannerControllerDevice *self = SCANNER_CONTROLLER_DEVICE (skeleton);
  g_autoptr (GError) error = NULL;

  if (index < 0 || (guint) index >= self->pictures->len)
    {
      g_set_error (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no picture %d", index);
      return fail (call, error);
    }
  imager_controller_skeleton_complete_get_picture (skeleton, call,
                                                   g_ptr_array_index (self->pictures, index),
                                                   g_ptr_array_index (self->infos, index));
  return TRUE;
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
scanner_controller_device_class_init (ScannerControllerDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  ImagerControllerSkeletonClass *skeleton_class = IMAGER_CONTROLLER_SKELETON_CLASS (klass);

  object_class->dispose = scanner_controller_device_dispose;
  object_class->finalize = scanner_controller_device_finalize;
  skeleton_class->handle_set_db_url = set_db_url;
  skeleton_class->handle_set_config = set_config;
  skeleton_class->handle_set_dataset_name = set_dataset_name;
  skeleton_class->handle_set_api_token = set_api_token;
  skeleton_class->handle_run_scan = run_scan;
  skeleton_class->handle_abort_scan = abort_scan;
  skeleton_class->handle_get_picture = get_picture;
}

static void
scanner_controller_device_init (ScannerControllerDevice *self)
{
  self->pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->infos = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
}

ScannerControllerDevice *
scanner_controller_device_new (ImagerCameraClient *camera)
{
  ScannerControllerDevice *self = g_object_new (SCANNER_TYPE_CONTROLLER_DEVICE, NULL);

  self->camera = PLANT_RPC_CLIENT (g_object_ref (camera));
  g_signal_connect_swapped (camera, "notify::state", G_CALLBACK (on_camera_changed), self);
  g_signal_connect_swapped (camera, "notify::name", G_CALLBACK (on_camera_changed), self);
  return self;
}
