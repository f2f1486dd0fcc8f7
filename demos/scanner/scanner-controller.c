/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A Plant Imager scan controller: a server for its clients, itself a client of a camera. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

#include "camera-contract.h"
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
  g_autoptr(PlantRpcClient) camera = NULL;
  g_autoptr(ScannerControllerDevice) controller = NULL;
  g_autoptr(PlantRpcServer) server = NULL;
  g_autoptr(GError) error = NULL;

  if (!scanner_service_parse (N_("Serves a scan controller for one camera, and prints where."),
                              entries, &argc, &argv))
    return EXIT_FAILURE;
  if (camera_url == NULL && registry_url == NULL)
    {
      g_printerr (_("%s: “--camera” or “--registry” is needed\n"), g_get_prgname ());
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
