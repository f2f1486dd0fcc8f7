/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A Plant Imager scan controller: a server for its clients, itself a client of a camera. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

#include "controller-device.h"
#include "service.h"

static char *url;
static char *camera_url;
static char *registry_url;

static GOptionEntry entries[] = {
  { "url", 'u', 0, G_OPTION_ARG_STRING, &url, N_("Serve at URL (tcp://127.0.0.1:*)"), N_("URL") },
  { "camera", 'c', 0, G_OPTION_ARG_STRING, &camera_url, N_("Where the camera is"), N_("URL") },
  { "registry", 'R', 0, G_OPTION_ARG_STRING, &registry_url,
    N_("Register with the registry at URL, and look for the camera there"), N_("URL") },
  { NULL },
};

int
main (int    argc,
      char **argv)
{
  g_autoptr (ImagerCameraClient) camera = NULL;
  g_autoptr (ScannerControllerDevice) controller = NULL;
  g_autoptr (PlantRpcServer) server = NULL;

  if (!scanner_service_parse (N_("Serves a scan controller for one camera, and prints where."),
                              entries, &argc, &argv))
    return EXIT_FAILURE;
  if (camera_url == NULL && registry_url == NULL)
    {
      g_printerr (_("%s: “--camera” or “--registry” is needed\n"), g_get_prgname ());
      return EXIT_FAILURE;
    }
  camera = camera_url != NULL ? imager_camera_client_new (camera_url)
                              : imager_camera_client_new_for_device (registry_url, "camera");
  controller = scanner_controller_device_new (camera);
  server = plant_rpc_server_new (G_OBJECT (controller), url != NULL ? url : "tcp://127.0.0.1:*");
  imager_controller_skeleton_offer (IMAGER_CONTROLLER_SKELETON (controller), server,
                                    PLANT_RPC_METHOD_FLAGS_NONE);
  return scanner_service_run (server, registry_url, "controller");
}
