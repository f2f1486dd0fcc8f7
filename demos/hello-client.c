/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <plantrpc/plantrpc.h>

static void
show (GObject *greenhouse)
{
  double temperature;

  g_object_get (greenhouse, "temperature", &temperature, NULL);
  g_print ("%.1f degrees\n", temperature);
}

int
main (int argc, char **argv)
{
  const char *url = argc > 1 ? argv[1] : "tcp://127.0.0.1:5570";
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) text = NULL;
  double temperature;
  g_autoptr (PlantRpcClient) greenhouse = plant_rpc_client_discover_sync (url, 5000, NULL, &error);

  if (greenhouse != NULL)
    text = plant_rpc_client_call_sync (greenhouse, "report", g_variant_new ("(s)", "Tomatoes"),
                                       NULL, 0, NULL, &error);
  if (text == NULL)
    g_error ("%s", error->message);
  g_print ("%s\n", g_variant_get_string (text, NULL));

  g_signal_connect (greenhouse, "notify::temperature", G_CALLBACK (show), NULL);
  g_signal_connect_swapped (greenhouse, "reached", G_CALLBACK (g_main_loop_quit), loop);
  g_object_get (greenhouse, "temperature", &temperature, NULL);
  g_object_set (greenhouse, "target", temperature > 20 ? 18.0 : 23.0, NULL);
  g_main_loop_run (loop);
  return 0;
}
