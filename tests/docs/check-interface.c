/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <plantrpc/plantrpc.h>

/* Reads an interface file; prints why it cannot be read. */
int
main (int    argc,
      char **argv)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (argv[1]);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_from_file (file, &error);

  if (info == NULL)
    g_printerr ("%s\n", error->message);
  return info == NULL;
}
