/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A Plant Imager scan controller: a server for its clients, itself a client of a camera. */

#include <stdlib.h>

#include "camera-contract.h"
#include "controller-device.h"
#include "service.h"

static char *url;
static char *camera_url;
static char *registry_url;

static GOptionEntry entries[] = {
  { "url", 'u', 0, G_OPTION_ARG_STRING, &url, "Serve at URL (tcp://127.0.0.1:*)", "URL" },
  { "camera", 'c', 0, G_OPTION_ARG_STRING, &camera_url, "Where the camera is", "URL" },
  { "registry", 'R', 0, G_OPTION_ARG_STRING, &registry_url,
    "Register with the registry at URL, and look for the camera there", "URL" },
  { NULL },
};

int
main (int    argc,
      char **argv)
{
  g_autoptr(PlantRpcClient) camera = NULL;
  g_autoptr(ScannerControllerDevice) controller = NULL;
  g_autoptr(PlantRpcServer) server = NULL;
  g_autoptr(GError) error = NULL;

  if (!scanner_service_parse ("Serves a scan controller for one camera, and prints where.",
                              entries, &argc, &argv))
    return EXIT_FAILURE;
  if (camera_url == NULL && registry_url == NULL)
    {
      g_printerr ("%s: “--camera” or “--registry” is needed\n", g_get_prgname ());
      return EXIT_FAILURE;
    }
  if (camera_url != NULL)
    camera = plant_rpc_client_new_for_type (SCANNER_TYPE_CAMERA_CONTRACT, camera_url, &error);
  else
    camera = plant_rpc_client_new_for_device (SCANNER_TYPE_CAMERA_CONTRACT, registry_url, "camera",
                                              &error);
  if (camera == NULL)
    {
      g_printerr ("%s: %s\n", g_get_prgname (), error->message);
      return EXIT_FAILURE;
    }

  controller = scanner_controller_device_new (camera);
  server = plant_rpc_server_new (G_OBJECT (controller), url != NULL ? url : "tcp://127.0.0.1:*");
  scanner_controller_device_offer (controller, server);
  return scanner_service_run (server, registry_url, "controller");
}
