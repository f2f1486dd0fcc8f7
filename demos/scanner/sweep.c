/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sweep.h"

#define PICTURE_TIMEOUT 60000 /* in ms: the camera itself sets none, and might be gone */

/* One way around the plant: move the arm, take a picture, and so on to the last point. */
typedef struct
{
  ScannerPath      path;
  guint            point;
  ScannerSweepFunc on_picture;
  gpointer         picture_data;
} Sweep;

static void move_arm (GTask *task);

static GVariant *
add_pan (GVariant *info,
         double    pan)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (info);

  g_variant_dict_insert (&dict, "pan", "d", pan);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
on_taken (GObject      *camera,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Sweep *self = g_task_get_task_data (task);
  ScannerPose pose = scanner_path_get_pose (&self->path, self->point);
  g_autoptr (GVariant) info = NULL;
  g_autoptr (GVariant) placed = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) picture =
    plant_rpc_client_call_buffer_finish (PLANT_RPC_CLIENT (camera), result, &info, &error);

  if (picture == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  placed = add_pan (info, pose.pan);
  self->on_picture (picture, placed, self->picture_data);
  self->point++;
  if (self->point == self->path.n_points)
    g_task_return_boolean (task, TRUE);
  else
    move_arm (g_steal_pointer (&task));
}

static void
on_moved (GObject      *camera,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_client_write_property_finish (PLANT_RPC_CLIENT (camera), result, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  plant_rpc_client_call_buffer (PLANT_RPC_CLIENT (camera), "get_image", NULL, NULL,
                                PICTURE_TIMEOUT, g_task_get_cancellable (task), on_taken,
                                g_object_ref (task));
}

/* Consumes its reference to the task. */
static void
move_arm (GTask *task)
{
  PlantRpcClient *camera = g_task_get_source_object (task);
  Sweep *self = g_task_get_task_data (task);
  ScannerPose pose = scanner_path_get_pose (&self->path, self->point);
  g_autoptr (GVariant) config = NULL;

  g_object_get (camera, "config", &config, NULL);
  plant_rpc_client_write_property (camera, "config", scanner_pose_write (&pose, config),
                                   g_task_get_cancellable (task), on_moved, task);
}

/* Goes along the path with the camera, whose link is ready. */
void
scanner_sweep (PlantRpcClient      *camera,
               const ScannerPath   *path,
               GCancellable        *cancellable,
               ScannerSweepFunc     on_picture,
               gpointer             picture_data,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  GTask *task = g_task_new (camera, cancellable, callback, user_data);
  Sweep *self = g_new0 (Sweep, 1);

  *self = (Sweep) { *path, 0, on_picture, picture_data };
  g_task_set_task_data (task, self, g_free);
  move_arm (task);
}

gboolean
scanner_sweep_finish (PlantRpcClient  *camera,
                      GAsyncResult    *result,
                      GError         **error)
{
  g_return_val_if_fail (g_task_is_valid (result, camera), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
