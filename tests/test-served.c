/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-served-private.h"

/* A server at the first URL, and whether the second one leads to it. */
typedef struct {
  const char *served;
  const char *url;
  gboolean    leads;
} Case;

static const Case cases[] = {
  { "tcp://127.0.0.1:5000", "tcp://127.0.0.1:5000", TRUE },
  { "tcp://127.0.0.1:5000", "tcp://localhost:5000", TRUE },
  { "tcp://127.0.0.1:5000", "tcp://LOCALHOST:5000", TRUE },
  { "tcp://127.0.0.1:5000", "tcp://127.0.0.1:5001", FALSE },
  { "tcp://127.0.0.1:5000", "tcp://127.0.0.2:5000", FALSE },
  { "tcp://127.0.0.1:5000", "tcp://[::1]:5000", FALSE },
  { "tcp://127.0.0.1:5000", "tcp://192.0.2.1:5000", FALSE },
  { "tcp://127.0.0.1:5000", "tcp://camera:5000", FALSE },
  { "tcp://127.0.0.1:5000", "ipc:///run/camera", FALSE },
  { "tcp://[::1]:5000", "tcp://[0:0:0:0:0:0:0:1]:5000", TRUE },
  { "tcp://[::1]:5000", "tcp://localhost:5000", TRUE },
  { "tcp://camera:5000", "tcp://Camera:5000", TRUE },
  { "tcp://*:5000", "tcp://127.0.0.1:5000", TRUE },
  { "tcp://*:5000", "tcp://[::1]:5000", TRUE },
  { "tcp://*:5000", "tcp://localhost:5000", TRUE },
  { "tcp://*:5000", "tcp://192.0.2.1:5000", FALSE },
  { "tcp://*:5000", "tcp://127.0.0.1:5001", FALSE },
  { "ipc:///run/camera", "ipc:///run/camera", TRUE },
  { "ipc:///run/camera", "ipc:///run/other", FALSE },
  { "ipc:///run/camera", "tcp://127.0.0.1:5000", FALSE },
};

static PlantRpcHome *home; /* of a context that this thread runs */

static void
serve (gpointer    server,
       const char *url)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (url, &error);

  g_assert_no_error (error);
  plant_rpc_served_add (server, endpoint, 5000, home);
}

static void
assert_leads (const char *url,
              gboolean    leads)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (plant_rpc_served_check (url, &error) == !leads);
  if (leads)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  else
    g_assert_no_error (error);
}

static void
test_urls (void)
{
  guint server;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s, %s", cases[i].served, cases[i].url);
      serve (&server, cases[i].served);
      assert_leads (cases[i].url, cases[i].leads);
      plant_rpc_served_remove (&server);
      assert_leads (cases[i].url, FALSE);
    }
  assert_leads (NULL, FALSE);
}

/* A server may be at several places, and goes from all of them at once. */
static void
test_places (void)
{
  guint server, other;

  serve (&server, "tcp://127.0.0.1:5000");
  serve (&other, "ipc:///run/other");
  serve (&server, "tcp://camera:5000");
  assert_leads ("tcp://127.0.0.1:5000", TRUE);
  assert_leads ("tcp://camera:5000", TRUE);
  plant_rpc_served_remove (&server);
  assert_leads ("tcp://127.0.0.1:5000", FALSE);
  assert_leads ("tcp://camera:5000", FALSE);
  assert_leads ("ipc:///run/other", TRUE);
  plant_rpc_served_remove (&other);
}

static gpointer
ask_elsewhere (gpointer url)
{
  assert_leads (url, FALSE);
  return NULL;
}

/* Another thread may block, since this one runs the context. */
static void
test_other (void)
{
  guint server;

  serve (&server, "tcp://127.0.0.1:5000");
  g_thread_join (g_thread_new ("other", ask_elsewhere, (gpointer) "tcp://127.0.0.1:5000"));
  plant_rpc_served_remove (&server);
}

int
main (int    argc,
      char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (g_main_context_acquire (NULL));
  home = plant_rpc_home_new (NULL);

  g_test_add_func ("/served/urls", test_urls);
  g_test_add_func ("/served/places", test_places);
  g_test_add_func ("/served/other", test_other);
  result = g_test_run ();
  plant_rpc_home_unref (home);
  return result;
}
