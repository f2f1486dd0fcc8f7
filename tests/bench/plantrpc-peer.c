/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <plantrpc/plantrpc.h>

#include "bench-dictionary.h"

/* plantrpc between two of its own: a GObject is offered, and called through a client typed after
 * it. With BENCH_SECURED in the environment the server is secured, by keys in $STATE_DIRECTORY. */

#define TIMEOUT_MS 60000

#define BENCH_TYPE_DEVICE (bench_device_get_type ())
G_DECLARE_FINAL_TYPE (BenchDevice, bench_device, BENCH, DEVICE, GObject)

struct _BenchDevice {
  GObject parent_instance;
};

enum { PROP_MODE = 1 };
enum { SIGNAL_TICK, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BenchDevice, bench_device, G_TYPE_OBJECT)

static void
bench_device_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  if (prop_id == PROP_MODE)
    g_value_set_static_string (value, BENCH_VALUE);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
bench_device_class_init (BenchDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = bench_device_get_property;
  g_object_class_install_property (object_class, PROP_MODE,
                                   g_param_spec_string (BENCH_PROPERTY, NULL, NULL, NULL,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  signals[SIGNAL_TICK] = g_signal_new ("tick", BENCH_TYPE_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
bench_device_init (BenchDevice *self)
{
}

static gboolean
is_secured (void)
{
  return g_getenv ("BENCH_SECURED") != NULL;
}

static const char *
get_url (const BenchAddress *address,
         const char         *end)
{
  static char url[200];

  if (address->tcp)
    g_snprintf (url, sizeof url, "tcp://127.0.0.1:%d%s", address->port, end);
  else
    g_snprintf (url, sizeof url, "ipc://%s%s", address->path, end);
  return url;
}

/* Returns the public key of a pair that is made at first need. */
static char *
dup_key (const char *name)
{
  g_autoptr (PlantRpcKeypair) keypair = plant_rpc_keypair_ensure (name, NULL);

  BENCH_CHECK (keypair != NULL);
  return g_strdup (plant_rpc_keypair_get_public_key (keypair));
}

/* ---- server */

static void
on_echo (PlantRpcInvocation  *invocation,
         gpointer             user_data,
         GError             **error)
{
  g_autoptr (GVariant) value = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &value);
  plant_rpc_invocation_return_value (invocation, value);
}

static void
on_fetch (PlantRpcInvocation  *invocation,
          gpointer             user_data,
          GError             **error)
{
  static GBytes *buffers[2];
  g_autoptr (GVariant) arg = NULL;
  gboolean big;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &arg);
  big = g_variant_get_boolean (arg) ? 1 : 0;
  if (buffers[big] == NULL)
    buffers[big] = g_bytes_new_static (bench_buffer (), big ? BENCH_BIG : BENCH_SMALL);
  plant_rpc_invocation_return_buffer (invocation, buffers[big], bench_get_info ());
}

static void
on_burst (PlantRpcInvocation  *invocation,
          gpointer             user_data,
          GError             **error)
{
  g_autoptr (GVariant) arg = NULL;
  int n;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &arg);
  n = g_variant_get_int32 (arg);
  plant_rpc_invocation_return_value (invocation, NULL);
  for (int i = 0; i < n; i++)
    g_signal_emit (user_data, signals[SIGNAL_TICK], 0, i);
}

static void
secure (PlantRpcServer *server)
{
  g_autofree char *client = dup_key ("default");

  BENCH_CHECK (plant_rpc_server_secure (server, "bench", NULL));
  BENCH_CHECK (plant_rpc_authenticator_allow (plant_rpc_server_get_authenticator (server), client,
                                              PLANT_RPC_ROLE_OPERATOR, NULL, NULL));
}

static void
serve (const BenchAddress *address)
{
  BenchDevice *device = g_object_new (BENCH_TYPE_DEVICE, NULL);
  PlantRpcServer *server = plant_rpc_server_new (G_OBJECT (device), get_url (address, ""));

  if (is_secured ())
    secure (server);
  plant_rpc_server_register_method_json (server, "echo", "settings: a{sv}", TIMEOUT_MS,
                                         PLANT_RPC_METHOD_FLAGS_NONE, on_echo, NULL, NULL);
  plant_rpc_server_register_method_json (server, "burst", "n: i", TIMEOUT_MS,
                                         PLANT_RPC_METHOD_FLAGS_NONE, on_burst, device, NULL);
  plant_rpc_server_register_method_buffer (server, "fetch", "big: b = true", TIMEOUT_MS,
                                           PLANT_RPC_METHOD_FLAGS_NONE, on_fetch, NULL, NULL);
  BENCH_CHECK (plant_rpc_server_start (server, NULL));
  bench_ready ();
  plant_rpc_server_serve_forever (server, NULL);
}

/* ---- client */

typedef struct {
  PlantRpcClient *remote;
  int             n; /* signals heard */
} Client;

static void *
open_client (const BenchAddress *address)
{
  Client *self = g_new0 (Client, 1);
  g_autofree char *key = is_secured () ? dup_key ("bench") : NULL;
  g_autofree char *end = key != NULL ? g_strconcat ("#", key, NULL) : g_strdup ("");

  self->remote = plant_rpc_client_new_for_type (BENCH_TYPE_DEVICE, get_url (address, end), NULL);
  BENCH_CHECK (self->remote != NULL);
  return self;
}

static void
get (void *client)
{
  Client *self = client;
  g_autoptr (GVariant) value =
      plant_rpc_client_read_property_sync (self->remote, BENCH_PROPERTY, NULL, NULL);

  BENCH_CHECK (value != NULL && g_str_equal (g_variant_get_string (value, NULL), BENCH_VALUE));
}

static void
echo (void *client)
{
  Client *self = client;
  GVariant *args = g_variant_new ("(@a{sv})", bench_build_args ());
  g_autoptr (GVariant) result = plant_rpc_client_call_sync (
      self->remote, "echo", args, NULL, PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, NULL);

  bench_check_args (result);
}

static void
fetch (void *client,
       bool  big)
{
  Client *self = client;
  g_autoptr (GVariant) info = NULL;
  g_autoptr (GBytes) buffer =
      plant_rpc_client_call_buffer_sync (self->remote, "fetch", g_variant_new ("(b)", big), NULL,
                                         PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, &info, NULL);
  int width = 0;
  gsize size;
  const void *data;

  BENCH_CHECK (buffer != NULL);
  data = g_bytes_get_data (buffer, &size);
  bench_touch (data, size, big ? BENCH_BIG : BENCH_SMALL);
  BENCH_CHECK (g_variant_lookup (info, "width", "i", &width) && width == BENCH_WIDTH);
}

static void
on_tick (PlantRpcClient *remote,
         int             value,
         gpointer        user_data)
{
  Client *self = user_data;

  BENCH_CHECK (value == self->n);
  self->n++;
}

/* What is lost, is told; and here nothing may be. */
static void
on_lost (PlantRpcClient *remote,
         guint64         n_lost,
         gpointer        user_data)
{
  BENCH_CHECK (!"signals lost");
}

static void
subscribe (void *client)
{
  Client *self = client;

  BENCH_CHECK (plant_rpc_client_wait_ready_sync (self->remote, TIMEOUT_MS, NULL, NULL));
  g_signal_connect (self->remote, "tick", G_CALLBACK (on_tick), self);
  g_signal_connect (self->remote, "signals-lost", G_CALLBACK (on_lost), self);
}

static void
burst (void *client,
       int   n)
{
  Client *self = client;
  g_autoptr (GVariant) result =
      plant_rpc_client_call_sync (self->remote, "burst", g_variant_new ("(i)", n), NULL,
                                  PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, NULL);

  BENCH_CHECK (result != NULL);
}

static void
pump (void **clients,
      int    n_clients,
      int    n)
{
  for (int i = 0; i < n_clients; i++)
    {
      Client *client = clients[i];

      while (client->n < n)
        g_main_context_iteration (NULL, TRUE);
    }
  for (int i = 0; i < n_clients; i++)
    ((Client *) clients[i])->n = 0;
}

static const BenchPeer peer = {
  "plantrpc", serve, open_client, get, echo, fetch, subscribe, burst, pump,
};

BENCH_MAIN (peer)
