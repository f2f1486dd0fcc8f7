/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera-device.h"

#include "path.h"
#include "picture.h"
#include "view.h"

#define LOW_RESOLUTION 4 /* times smaller on each side */

/* A camera that draws what it would see. It has no video: its mode changes, and the address of the
 * video stays empty. Its properties are kept by the skeleton; pictures are drawn on worker threads,
 * each from the settings as they are when it begins. */
struct _ScannerCameraDevice
{
  ImagerCameraSkeleton parent_instance;

  ScannerPlant *plant; /* (owned) */
};

G_DEFINE_FINAL_TYPE (ScannerCameraDevice, scanner_camera_device, IMAGER_TYPE_CAMERA_SKELETON)

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

static gboolean
read_resolution (ScannerView  *view,
                 GVariant     *resolution,
                 GError      **error)
{
  g_variant_get (resolution, "(ii)", &view->width, &view->height);
  if (scanner_view_is_valid (view))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               "Pictures have 1 to %d pixels a side", SCANNER_VIEW_MAX_SIDE);
  return FALSE;
}

/* Refuses what the camera cannot be set to, with the reason. */
static gboolean
refuse (PlantRpcInvocation *write,
        const GError       *error)
{
  if (error != NULL)
    plant_rpc_invocation_return_gerror (write, error);
  return error != NULL;
}

static gboolean
scanner_camera_device_write_config (ImagerCameraSkeleton *skeleton,
                                    PlantRpcInvocation   *write,
                                    GVariant             *config)
{
  ScannerView view = SCANNER_VIEW_INIT;
  g_autoptr (GError) error = NULL;

  read_config (&view, config, &error);
  return refuse (write, error);
}

static gboolean
scanner_camera_device_write_resolution (ImagerCameraSkeleton *skeleton,
                                        PlantRpcInvocation   *write,
                                        GVariant             *resolution)
{
  ScannerView view = SCANNER_VIEW_INIT;
  g_autoptr (GError) error = NULL;

  read_resolution (&view, resolution, &error);
  return refuse (write, error);
}

static ScannerView
get_view (ImagerCameraSkeleton *skeleton,
          gboolean              lores)
{
  ScannerView view = SCANNER_VIEW_INIT;
  g_autoptr (GVariant) resolution = imager_camera_skeleton_dup_resolution (skeleton);
  g_autoptr (GVariant) config = imager_camera_skeleton_dup_config (skeleton);

  read_resolution (&view, resolution, NULL);
  read_config (&view, config, NULL);
  view.rotation = imager_camera_skeleton_get_rotation (skeleton);
  if (lores)
    {
      view.width = MAX (1, view.width / LOW_RESOLUTION);
      view.height = MAX (1, view.height / LOW_RESOLUTION);
    }
  return view;
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
static gboolean
scanner_camera_device_handle_get_image (ImagerCameraSkeleton *skeleton,
                                        PlantRpcInvocation   *call,
                                        gboolean              lores)
{
  ScannerCameraDevice *self = SCANNER_CAMERA_DEVICE (skeleton);
  ImagerCameraEncoding encoding = imager_camera_skeleton_get_encoding (skeleton);
  const char *format = encoding == IMAGER_CAMERA_ENCODING_PNG ? "png" : "jpeg";
  ScannerView view = get_view (skeleton, lores);
  g_autoptr (cairo_surface_t) picture = scanner_view_render (&view, self->plant);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) file = scanner_picture_encode (picture, format, &error);

  if (file != NULL)
    imager_camera_skeleton_complete_get_image (skeleton, call, file,
                                               describe (picture, &view, format));
  else
    plant_rpc_invocation_return_gerror (call, error);
  return TRUE;
}

static void
scanner_camera_device_finalize (GObject *object)
{
  g_clear_pointer (&SCANNER_CAMERA_DEVICE (object)->plant, scanner_plant_unref);
  G_OBJECT_CLASS (scanner_camera_device_parent_class)->finalize (object);
}

static void
scanner_camera_device_class_init (ScannerCameraDeviceClass *klass)
{
  ImagerCameraSkeletonClass *skeleton_class = IMAGER_CAMERA_SKELETON_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = scanner_camera_device_finalize;
  skeleton_class->handle_get_image = scanner_camera_device_handle_get_image;
  skeleton_class->handle_write_config = scanner_camera_device_write_config;
  skeleton_class->handle_write_resolution = scanner_camera_device_write_resolution;
}

static void
scanner_camera_device_init (ScannerCameraDevice *self)
{
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
  ScannerView view = SCANNER_VIEW_INIT;

  view.rotation = rotation;
  if (!scanner_view_is_valid (&view))
    return FALSE;
  imager_camera_skeleton_set_rotation (IMAGER_CAMERA_SKELETON (self), rotation);
  return TRUE;
}
