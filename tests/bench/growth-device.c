/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <zmq.h>

#include "growth.h"

static void
get_property (GObject    *object,
              guint       id,
              GValue     *value,
              GParamSpec *pspec)
{
  if (G_VALUE_HOLDS_DOUBLE (value))
    g_value_set_double (value, id / 2.0);
  else if (G_VALUE_HOLDS_INT (value))
    g_value_set_int (value, (int) id);
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    g_value_set_boolean (value, TRUE);
  else
    g_value_take_string (value, g_strdup_printf ("text %u", id));
}

static void
set_property (GObject      *object,
              guint         id,
              const GValue *value,
              GParamSpec   *pspec)
{
}

static GParamSpec *
make_pspec (guint id)
{
  const GParamFlags flags = G_PARAM_READWRITE;
  g_autofree char *name = g_strdup_printf ("sensor-value-%u", id);

  switch (id % 4)
    {
    case 0:
      return g_param_spec_double (name, NULL, NULL, -1e6, 1e6, 0, flags);
    case 1:
      return g_param_spec_int (name, NULL, NULL, -1000000, 1000000, 0, flags);
    case 2:
      return g_param_spec_boolean (name, NULL, NULL, FALSE, flags);
    default:
      return g_param_spec_string (name, NULL, NULL, "", flags);
    }
}

static void
class_init (gpointer klass,
            gpointer n_properties)
{
  GObjectClass *object_class = klass;

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  for (guint id = 1; id <= GPOINTER_TO_UINT (n_properties); id++)
    g_object_class_install_property (object_class, id, make_pspec (id));
}

GType
growth_device_type (guint n_properties)
{
  GTypeInfo info = { sizeof (GObjectClass), NULL, NULL, class_init, NULL,
                     GUINT_TO_POINTER (n_properties), sizeof (GObject), 0, NULL, NULL };
  g_autofree char *name = g_strdup_printf ("GrowthDevice%u", n_properties);
  GType type = g_type_from_name (name);

  return type != 0 ? type : g_type_register_static (G_TYPE_OBJECT, name, &info, 0);
}

void
growth_wait (PlantRpcClient *client)
{
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_client_wait_ready_sync (client, GROWTH_TIMEOUT_MS, NULL, &error))
    g_error ("%s", error->message);
}

void
growth_settle (PlantRpcClient *client)
{
  growth_wait (client);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

_Noreturn void
growth_serve (const char *url,
              guint       n_properties)
{
  PlantRpcServer *server =
      plant_rpc_server_new (g_object_new (growth_device_type (n_properties), NULL), url);

  BENCH_CHECK (plant_rpc_server_start (server, NULL));
  bench_ready ();
  plant_rpc_server_serve_forever (server, NULL);
  exit (0);
}

_Noreturn void
growth_route (const char *url)
{
  void *context = zmq_ctx_new ();
  void *socket;
  char byte;

  zmq_ctx_set (context, ZMQ_MAX_SOCKETS, 65535);
  socket = zmq_socket (context, ZMQ_ROUTER);
  BENCH_CHECK (zmq_bind (socket, url) == 0);
  bench_ready ();
  for (;;)
    zmq_recv (socket, &byte, sizeof byte, 0);
}
