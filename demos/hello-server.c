/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <plantrpc/plantrpc.h>

struct _Greenhouse { GObject parent_instance; double target, temperature; };
G_DECLARE_FINAL_TYPE (Greenhouse, greenhouse, HELLO, GREENHOUSE, GObject)
G_DEFINE_FINAL_TYPE (Greenhouse, greenhouse, G_TYPE_OBJECT)

enum { PROP_TARGET = 1, PROP_TEMPERATURE };

static void
greenhouse_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  Greenhouse *self = HELLO_GREENHOUSE (object);
  g_value_set_double (value, id == PROP_TARGET ? self->target : self->temperature);
}

static void
greenhouse_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HELLO_GREENHOUSE (object)->target = g_value_get_double (value);
}

static void
greenhouse_class_init (GreenhouseClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = greenhouse_get_property;
  object_class->set_property = greenhouse_set_property;
  g_object_class_install_property (object_class, PROP_TARGET,
    g_param_spec_double ("target", NULL, NULL, 5, 35, 18, G_PARAM_READWRITE));
  g_object_class_install_property (object_class, PROP_TEMPERATURE,
    g_param_spec_double ("temperature", NULL, NULL, -50, 60, 18, G_PARAM_READABLE));
  g_signal_new ("reached", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_DOUBLE);
}

static void
greenhouse_init (Greenhouse *self)
{
  self->target = self->temperature = 18;
}

static gboolean
drift (gpointer user_data)
{
  Greenhouse *self = user_data;

  if (self->temperature == self->target)
    return G_SOURCE_CONTINUE;
  self->temperature += CLAMP (self->target - self->temperature, -1, 1);
  g_object_notify (G_OBJECT (self), "temperature");
  if (self->temperature == self->target)
    g_signal_emit_by_name (self, "reached", self->temperature);
  return G_SOURCE_CONTINUE;
}

static void
report (PlantRpcInvocation *invocation, gpointer user_data, GError **error)
{
  Greenhouse *self = user_data;
  g_autoptr (GVariant) plants = NULL;
  g_autofree char *text = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &plants);
  text = g_strdup_printf ("%s at %.1f degrees", g_variant_get_string (plants, NULL),
                          self->temperature);
  plant_rpc_invocation_return_value (invocation, g_variant_new_string (text));
}

int
main (int argc, char **argv)
{
  g_autoptr (Greenhouse) greenhouse = g_object_new (greenhouse_get_type (), NULL);
  g_autoptr (PlantRpcServer) server =
    plant_rpc_server_new (G_OBJECT (greenhouse), argc > 1 ? argv[1] : "tcp://127.0.0.1:5570");
  g_autoptr (GError) error = NULL;

  g_timeout_add (100, drift, greenhouse);
  plant_rpc_server_register_method_json (server, "report", "plants: s", 0,
                                         PLANT_RPC_METHOD_FLAGS_NONE, report, greenhouse, NULL);
  if (!plant_rpc_server_start (server, &error))
    g_error ("%s", error->message);
  g_print ("%s\n", plant_rpc_server_get_url (server));
  return !plant_rpc_server_serve_forever (server, &error);
}
