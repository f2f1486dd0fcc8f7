/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera-device.h"

#include "path.h"
#include "picture.h"
#include "view.h"

#define LOW_RESOLUTION 4 /* times smaller on each side */

/* A camera that draws what it would see. It has no video: its mode changes, and the address of the
 * video stays empty. Pictures are drawn on worker threads, each from the settings as they are when
 * it begins; the settings are changed in the main context only. */
struct _ScannerCameraDevice
{
  GObject parent_instance;

  ScannerPlant      *plant;    /* (owned) */
  GMutex             lock;
  ScannerView        view;     /* (mutex lock) */
  ScannerEncoding    encoding; /* (mutex lock) */
  ScannerCameraMode  mode;
  GVariant          *config;   /* (owned): a{sv} */
};

typedef enum
{
  PROP_MODE = 1,
  PROP_VIDEO_URL,
  PROP_ROTATION,
  PROP_RESOLUTION,
  PROP_ENCODING,
  PROP_CONFIG,
} ScannerCameraDeviceProperty;

G_DEFINE_FINAL_TYPE_WITH_CODE (ScannerCameraDevice, scanner_camera_device, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SCANNER_TYPE_CAMERA_CONTRACT, NULL))

static void
set_mode (ScannerCameraDevice *self,
          ScannerCameraMode    mode)
{
  if (self->mode == mode)
    return;
  self->mode = mode;
  g_object_notify (G_OBJECT (self), "mode");
}

static void
set_view (ScannerCameraDevice *self,
          const ScannerView   *view)
{
  g_mutex_lock (&self->lock);
  self->view = *view;
  g_mutex_unlock (&self->lock);
}

static gboolean
read_resolution (ScannerView *view,
                 GVariant    *resolution)
{
  g_variant_get (resolution, "(ii)", &view->width, &view->height);
  return scanner_view_is_valid (view);
}

static gboolean
read_config (ScannerView  *view,
             GVariant     *config,
             GError      **error)
{
  ScannerPose pose = SCANNER_POSE_INIT;

  if (!scanner_pose_read (&pose, config, error))
    return FALSE;
  view->angle = pose.pan;
  view->elevation = pose.tilt;
  view->distance = pose.radius;
  return TRUE;
}

static void
set_resolution (ScannerCameraDevice *self,
                GVariant            *resolution)
{
  ScannerView view = self->view;

  if (!read_resolution (&view, resolution) ||
      (view.width == self->view.width && view.height == self->view.height))
    return;
  set_view (self, &view);
  g_object_notify (G_OBJECT (self), "resolution");
}

static void
set_encoding (ScannerCameraDevice *self,
              ScannerEncoding      encoding)
{
  if (self->encoding == encoding)
    return;
  g_mutex_lock (&self->lock);
  self->encoding = encoding;
  g_mutex_unlock (&self->lock);
  g_object_notify (G_OBJECT (self), "encoding");
}

static void
set_config (ScannerCameraDevice *self,
            GVariant            *config)
{
  ScannerView view = self->view;

  if (g_variant_equal (self->config, config) || !read_config (&view, config, NULL))
    return;
  g_variant_unref (self->config);
  self->config = g_variant_ref_sink (config);
  set_view (self, &view);
  g_object_notify (G_OBJECT (self), "config");
}

/* Decides about writes from clients, with a reason. */
static gboolean
check_write (PlantRpcInvocation  *invocation,
             const char          *name,
             GVariant            *value,
             gpointer             user_data,
             GError             **error)
{
  ScannerCameraDevice *self = user_data;
  ScannerView view = self->view;

  if (g_str_equal (name, "config"))
    return read_config (&view, value, error);
  if (!g_str_equal (name, "resolution") || read_resolution (&view, value))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               "Pictures have 1 to %d pixels a side", SCANNER_VIEW_MAX_SIDE);
  return FALSE;
}

static gboolean
wants_lores (PlantRpcInvocation *invocation)
{
  g_autoptr(GVariant) lores = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &lores);
  return g_variant_get_boolean (lores);
}

static GVariant *
describe (cairo_surface_t   *picture,
          const ScannerView *view,
          const char        *format)
{
  return g_variant_new_parsed ("{'format': <%s>, 'rotation': <%i>, 'size': <(%i, %i)>, "
                               "'channel': <'rgb'>}",
                               format, view->rotation, cairo_image_surface_get_width (picture),
                               cairo_image_surface_get_height (picture));
}

/* Runs on a worker thread. */
static void
get_image (PlantRpcInvocation  *invocation,
           gpointer             user_data,
           GError             **error)
{
  ScannerCameraDevice *self = user_data;
  g_autoptr(cairo_surface_t) picture = NULL;
  g_autoptr(GBytes) file = NULL;
  ScannerView view;
  const char *format;

  g_mutex_lock (&self->lock);
  view = self->view;
  format = self->encoding == SCANNER_ENCODING_PNG ? "png" : "jpeg";
  g_mutex_unlock (&self->lock);

  if (wants_lores (invocation))
    {
      view.width = MAX (1, view.width / LOW_RESOLUTION);
      view.height = MAX (1, view.height / LOW_RESOLUTION);
    }
  picture = scanner_view_render (&view, self->plant);
  file = scanner_picture_encode (picture, format, error);
  if (file != NULL)
    plant_rpc_invocation_return_buffer (invocation, file, describe (picture, &view, format));
}

static void
scanner_camera_device_finalize (GObject *object)
{
  ScannerCameraDevice *self = SCANNER_CAMERA_DEVICE (object);

  g_clear_pointer (&self->plant, scanner_plant_unref);
  g_variant_unref (self->config);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (scanner_camera_device_parent_class)->finalize (object);
}

static void
scanner_camera_device_get_property (GObject    *object,
                                    guint       prop_id,
                                    GValue     *value,
                                    GParamSpec *pspec)
{
  ScannerCameraDevice *self = SCANNER_CAMERA_DEVICE (object);

  switch ((ScannerCameraDeviceProperty) prop_id)
    {
    case PROP_MODE:
      g_value_set_enum (value, self->mode);
      break;
    case PROP_VIDEO_URL:
      g_value_set_static_string (value, "");
      break;
    case PROP_ROTATION:
      g_value_set_int (value, self->view.rotation);
      break;
    case PROP_RESOLUTION:
      g_value_set_variant (value, g_variant_new ("(ii)", self->view.width, self->view.height));
      break;
    case PROP_ENCODING:
      g_value_set_enum (value, self->encoding);
      break;
    case PROP_CONFIG:
      g_value_set_variant (value, self->config);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_camera_device_set_property (GObject      *object,
                                    guint         prop_id,
                                    const GValue *value,
                                    GParamSpec   *pspec)
{
  ScannerCameraDevice *self = SCANNER_CAMERA_DEVICE (object);

  switch ((ScannerCameraDeviceProperty) prop_id)
    {
    case PROP_MODE:
      set_mode (self, g_value_get_enum (value));
      break;
    case PROP_RESOLUTION:
      set_resolution (self, g_value_get_variant (value));
      break;
    case PROP_ENCODING:
      set_encoding (self, g_value_get_enum (value));
      break;
    case PROP_CONFIG:
      set_config (self, g_value_get_variant (value));
      break;
    case PROP_VIDEO_URL:
    case PROP_ROTATION:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_camera_device_class_init (ScannerCameraDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = scanner_camera_device_finalize;
  object_class->get_property = scanner_camera_device_get_property;
  object_class->set_property = scanner_camera_device_set_property;

  g_object_class_override_property (object_class, PROP_MODE, "mode");
  g_object_class_override_property (object_class, PROP_VIDEO_URL, "video-url");
  g_object_class_override_property (object_class, PROP_ROTATION, "rotation");
  g_object_class_override_property (object_class, PROP_RESOLUTION, "resolution");
  g_object_class_override_property (object_class, PROP_ENCODING, "encoding");
  g_object_class_override_property (object_class, PROP_CONFIG, "config");
}

static void
scanner_camera_device_init (ScannerCameraDevice *self)
{
  g_mutex_init (&self->lock);
  self->view = (ScannerView) SCANNER_VIEW_INIT;
  self->config = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
}

/* plant is what stands in front of the camera. */
ScannerCameraDevice *
scanner_camera_device_new (ScannerPlant *plant)
{
  ScannerCameraDevice *self = g_object_new (SCANNER_TYPE_CAMERA_DEVICE, NULL);

  self->plant = scanner_plant_ref (plant);
  return self;
}

/* How the camera is mounted, which no client can change: FALSE if it is none of 0, 90, 180, 270. */
gboolean
scanner_camera_device_set_rotation (ScannerCameraDevice *self,
                                    int                  rotation)
{
  ScannerView view = self->view;

  view.rotation = rotation;
  if (!scanner_view_is_valid (&view))
    return FALSE;
  set_view (self, &view);
  g_object_notify (G_OBJECT (self), "rotation");
  return TRUE;
}

/* Makes a server of the camera offer its method, and ask it about writes. */
void
scanner_camera_device_offer (ScannerCameraDevice *self,
                             PlantRpcServer      *server)
{
  plant_rpc_server_set_write_handler (server, check_write, self, NULL);
  plant_rpc_server_register_method_buffer (server, "get_image", SCANNER_GET_IMAGE_SIGNATURE,
                                           PLANT_RPC_TIMEOUT_NONE, PLANT_RPC_METHOD_FLAGS_BLOCKING,
                                           get_image, g_object_ref (self), g_object_unref);
}
