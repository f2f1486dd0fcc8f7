/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A Plant Imager camera in front of a plant, both simulated. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

#include "camera-device.h"
#include "service.h"

static char *url;
static char *name;
static char *registry_url;
static int rotation;
static int seed = 7;

static GOptionEntry entries[] = {
  { "url", 'u', 0, G_OPTION_ARG_STRING, &url, N_("Serve at URL (tcp://127.0.0.1:*)"), N_("URL") },
  { "name", 'n', 0, G_OPTION_ARG_STRING, &name, N_("Name of the camera (simulated)"), N_("NAME") },
  { "registry", 'R', 0, G_OPTION_ARG_STRING, &registry_url,
    N_("Register with the registry at URL"), N_("URL") },
  { "rotation", 'r', 0, G_OPTION_ARG_INT, &rotation, N_("How the camera is mounted (0)"),
    N_("DEGREES") },
  { "seed", 's', 0, G_OPTION_ARG_INT, &seed, N_("The plant grows from this number (7)"),
    N_("NUMBER") },
  { NULL },
};

int
main (int    argc,
      char **argv)
{
  g_autoptr (ScannerPlant) plant = NULL;
  g_autoptr (ScannerCameraDevice) camera = NULL;
  g_autoptr (PlantRpcServer) server = NULL;

  if (!scanner_service_parse (N_("Serves a simulated camera in front of a simulated plant, "
                                 "and prints where."), entries, &argc, &argv))
    return EXIT_FAILURE;

  plant = scanner_plant_new ((guint32) seed, SCANNER_PLANT_FRUITING_AGE);
  camera = scanner_camera_device_new (plant);
  if (!scanner_camera_device_set_rotation (camera, rotation))
    {
      g_printerr (_("%s: the rotation is 0, 90, 180 or 270 degrees\n"), g_get_prgname ());
      return EXIT_FAILURE;
    }
  server = plant_rpc_server_new (G_OBJECT (camera), url != NULL ? url : "tcp://127.0.0.1:*");
  plant_rpc_server_set_name (server, name != NULL ? name : "simulated");
  imager_camera_skeleton_offer (IMAGER_CAMERA_SKELETON (camera), server,
                                PLANT_RPC_METHOD_FLAGS_BLOCKING);
  return scanner_service_run (server, registry_url, "camera");
}
