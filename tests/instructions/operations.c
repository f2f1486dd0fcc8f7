/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <plantrpc/plantrpc.h>
#include <stdlib.h>

/* The operations whose instructions count.py counts: without an argument the device, and with its
 * URL the client. */

#define TIMEOUT_MS 120000
#define N_ROUNDS   5

#define CHECK(condition)                                                                     \
  do                                                                                         \
    {                                                                                        \
      if (!(condition))                                                                      \
        g_error ("%s", #condition);                                                          \
    }                                                                                        \
  while (0)

/* valgrind begins a new count in this function, which nothing else uses. */
static void
mark (void)
{
  g_random_double_range (0, 1);
}

/* ---- the device */

#define TYPE_DEVICE (device_get_type ())
G_DECLARE_FINAL_TYPE (Device, device, TEST, DEVICE, GObject)

struct _Device {
  GObject parent_instance;
  char   *mode; /* (owned) */
};

enum { PROP_MODE = 1 };

G_DEFINE_FINAL_TYPE (Device, device, G_TYPE_OBJECT)

static void
device_get_property (GObject    *object,
                     guint       prop_id,
                     GValue     *value,
                     GParamSpec *pspec)
{
  g_value_set_string (value, TEST_DEVICE (object)->mode);
}

static void
device_set_property (GObject      *object,
                     guint         prop_id,
                     const GValue *value,
                     GParamSpec   *pspec)
{
  Device *self = TEST_DEVICE (object);

  g_free (self->mode);
  self->mode = g_value_dup_string (value);
}

static void
device_class_init (DeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = device_get_property;
  object_class->set_property = device_set_property;
  g_object_class_install_property (
      object_class, PROP_MODE,
      g_param_spec_string ("mode", NULL, NULL, "STILL",
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_signal_new ("tick", TYPE_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_INT);
}

static void
device_init (Device *self)
{
  self->mode = g_strdup ("STILL");
}

static int
get_argument (PlantRpcInvocation *invocation,
              guint               index)
{
  g_autoptr (GVariant) boxed =
      g_variant_get_child_value (plant_rpc_invocation_get_args (invocation), index);
  g_autoptr (GVariant) value = g_variant_get_variant (boxed);

  return g_variant_get_int32 (value);
}

static void
on_add (PlantRpcInvocation  *invocation,
        gpointer             user_data,
        GError             **error)
{
  int sum = get_argument (invocation, 0) + get_argument (invocation, 1);

  plant_rpc_invocation_return_value (invocation, g_variant_new_int32 (sum));
}

static void
on_burst (PlantRpcInvocation  *invocation,
          gpointer             user_data,
          GError             **error)
{
  int n = get_argument (invocation, 0);

  plant_rpc_invocation_return_value (invocation, NULL);
  for (int i = 0; i < n; i++)
    g_signal_emit_by_name (user_data, "tick", i);
}

static void
on_mark (PlantRpcInvocation  *invocation,
         gpointer             user_data,
         GError             **error)
{
  mark ();
  plant_rpc_invocation_return_value (invocation, NULL);
}

static void
serve (void)
{
  GObject *device = g_object_new (TYPE_DEVICE, NULL);
  PlantRpcServer *server = plant_rpc_server_new (device, "tcp://127.0.0.1:0");

  plant_rpc_server_register_method_json (server, "add", "a: i, b: i -> i", TIMEOUT_MS,
                                         PLANT_RPC_METHOD_FLAGS_NONE, on_add, NULL, NULL);
  plant_rpc_server_register_method_json (server, "burst", "n: i", TIMEOUT_MS,
                                         PLANT_RPC_METHOD_FLAGS_NONE, on_burst, device, NULL);
  plant_rpc_server_register_method_json (server, "mark", "", TIMEOUT_MS,
                                         PLANT_RPC_METHOD_FLAGS_NONE, on_mark, NULL, NULL);
  CHECK (plant_rpc_server_start (server, NULL));
  g_print ("%s\n", plant_rpc_server_get_url (server));
  plant_rpc_server_serve_forever (server, NULL);
}

/* ---- the client */

static int n_heard;

static GVariant *
call (PlantRpcClient *client,
      const char     *method,
      GVariant       *args)
{
  GVariant *result =
      plant_rpc_client_call_sync (client, method, args, NULL, TIMEOUT_MS, NULL, NULL);

  CHECK (result != NULL);
  return result;
}

static void
mark_both (PlantRpcClient *client)
{
  g_autoptr (GVariant) result = call (client, "mark", NULL);

  mark ();
}

static void
get (PlantRpcClient *client,
     const char     *url,
     int             n)
{
  for (int i = 0; i < n; i++)
    {
      g_autoptr (GVariant) value = plant_rpc_client_read_property_sync (client, "mode", NULL, NULL);

      CHECK (value != NULL);
    }
}

static void
set (PlantRpcClient *client,
     const char     *url,
     int             n)
{
  for (int i = 0; i < n; i++)
    CHECK (plant_rpc_client_write_property_sync (
        client, "mode", g_variant_new_string (i % 2 == 0 ? "VIDEO" : "STILL"), NULL, NULL));
}

static void
add (PlantRpcClient *client,
     const char     *url,
     int             n)
{
  for (int i = 0; i < n; i++)
    {
      g_autoptr (GVariant) sum = call (client, "add", g_variant_new ("(ii)", i, 1));

      CHECK (g_variant_get_int32 (sum) == i + 1);
    }
}

static void
on_tick (PlantRpcClient *client,
         int             value,
         gpointer        user_data)
{
  n_heard++;
}

static void
hear (PlantRpcClient *client,
      const char     *url,
      int             n)
{
  g_autoptr (GVariant) result = call (client, "burst", g_variant_new ("(i)", n));

  n_heard = 0;
  while (n_heard < n)
    g_main_context_iteration (NULL, TRUE);
}

/* Connects, reads all properties and leaves. */
static void
snapshot (PlantRpcClient *client,
          const char     *url,
          int             n)
{
  for (int i = 0; i < n; i++)
    {
      g_autoptr (PlantRpcClient) other = plant_rpc_client_new_for_type (TYPE_DEVICE, url, NULL);

      CHECK (plant_rpc_client_wait_ready_sync (other, TIMEOUT_MS, NULL, NULL));
      plant_rpc_client_close (other);
    }
}

static void
run_client (const char *url)
{
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new_for_type (TYPE_DEVICE, url, NULL);
  static const struct {
    void (*run) (PlantRpcClient *client, const char *url, int n);
    int    n;
  } operations[] = {
    { get, 50 }, { set, 50 }, { add, 50 }, { hear, 1000 }, { snapshot, 4 },
  };

  CHECK (client != NULL && plant_rpc_client_wait_ready_sync (client, TIMEOUT_MS, NULL, NULL));
  g_signal_connect (client, "tick", G_CALLBACK (on_tick), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      /* The first round warms up. */
      for (int round = 0; round <= N_ROUNDS; round++)
        {
          operations[i].run (client, url, operations[i].n);
          mark_both (client);
        }
    }
}

int
main (int   argc,
      char *argv[])
{
  if (argc > 1)
    run_client (argv[1]);
  else
    serve ();
  return EXIT_SUCCESS;
}
