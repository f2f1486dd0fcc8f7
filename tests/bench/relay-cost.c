/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include <plantrpc/plantrpc.h>

#include "bench.h"

/* What a relay costs: the time of a get at a device, through a relay and through two, and what each
 * viewer costs the process that it looks at. Prints one JSON line, of which “run --relay” makes a
 * table. */

#define TIMEOUT_MS 120000
#define AT_ONCE    50 /* viewers */
#define N_ROUNDS   7
#define N_PLACES   3  /* a device, a relay before it and one before that */

typedef struct {
  char  url[160];
  pid_t pid;
} Server;

/* ---- the device */

typedef struct {
  GObject parent_instance;
  int     value;
} Gauge;

typedef struct {
  GObjectClass parent_class;
} GaugeClass;

static GType gauge_get_type (void);

G_DEFINE_TYPE (Gauge, gauge, G_TYPE_OBJECT)

static void
gauge_get_property (GObject    *object,
                    guint       id,
                    GValue     *value,
                    GParamSpec *pspec)
{
  g_value_set_int (value, ((Gauge *) object)->value);
}

static void
gauge_set_property (GObject      *object,
                    guint         id,
                    const GValue *value,
                    GParamSpec   *pspec)
{
  ((Gauge *) object)->value = g_value_get_int (value);
}

static void
gauge_class_init (GaugeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = gauge_get_property;
  object_class->set_property = gauge_set_property;
  g_object_class_install_property (
      object_class, 1,
      g_param_spec_int ("value", NULL, NULL, 0, G_MAXINT, 0,
                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}

static void
gauge_init (Gauge *self)
{
}

/* Serves until the process is ended. */
static _Noreturn void
serve (PlantRpcServer *server)
{
  BENCH_CHECK (plant_rpc_server_start (server, NULL));
  bench_ready ();
  plant_rpc_server_serve_forever (server, NULL);
  exit (0);
}

static Server
spawn (const char *mode)
{
  Server self;
  char address[128];

  bench_pick_address ("tcp", "relay", address, sizeof address);
  g_snprintf (self.url, sizeof self.url, "tcp://127.0.0.1:%d", bench_parse (address).port);
  self.pid = bench_spawn (mode, self.url);
  return self;
}

static Server
spawn_relay (const Server *device)
{
  g_autofree char *mode = g_strconcat ("relay ", device->url, NULL);

  return spawn (mode);
}

/* ---- clients */

static PlantRpcClient *
open_client (const Server *server)
{
  g_autoptr (GError) error = NULL;
  PlantRpcClient *client =
      plant_rpc_client_discover_sync (server->url, TIMEOUT_MS, NULL, &error);

  if (client == NULL)
    g_error ("%s", error->message);
  return client;
}

static void
get_many (PlantRpcClient *client,
          guint           n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GVariant) value =
          plant_rpc_client_read_property_sync (client, "value", NULL, NULL);

      BENCH_CHECK (value != NULL);
    }
}

static int64_t
get_cpu_of_all (const Server *servers)
{
  int64_t cpu = bench_own_cpu ();

  for (guint i = 0; i < N_PLACES; i++)
    cpu += bench_cpu_of (servers[i].pid);
  return cpu;
}

static double
pick_least (double former,
            double next)
{
  return former > 0 ? MIN (former, next) : next;
}

/* In turn, since the computer may be busy with other work for a while. WALL_US is the time of a get
 * in the best round, and CPU_US the processor time of all processes for it. */
static void
measure_gets (const Server *servers,
              guint         n,
              double       *wall_us,
              double       *cpu_us)
{
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);
  const guint n_each = n / N_ROUNDS + 1;

  for (guint i = 0; i < N_PLACES; i++)
    g_ptr_array_add (clients, open_client (&servers[i]));
  for (guint i = 0; i < N_ROUNDS * N_PLACES; i++)
    {
      const guint place = i % N_PLACES;
      int64_t began, cpu;

      get_many (clients->pdata[place], n_each / 10 + 1);
      began = bench_now ();
      cpu = get_cpu_of_all (servers);
      get_many (clients->pdata[place], n_each);
      wall_us[place] = pick_least (wall_us[place], (double) (bench_now () - began) / 1e3 / n_each);
      cpu_us[place] = pick_least (cpu_us[place],
                                  (double) (get_cpu_of_all (servers) - cpu) / 1e3 / n_each);
    }
}

static gboolean
see (GPtrArray *viewers,
     int        value)
{
  for (guint i = 0; i < viewers->len; i++)
    {
      int seen;

      g_object_get (viewers->pdata[i], "value", &seen, NULL);
      if (seen != value)
        return FALSE;
    }
  return TRUE;
}

static void
change (PlantRpcClient *writer,
        GPtrArray      *viewers,
        int             value)
{
  BENCH_CHECK (plant_rpc_client_write_property_sync (writer, "value", g_variant_new_int32 (value),
                                                     NULL, NULL));
  while (!see (viewers, value))
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
are_ready (GPtrArray *viewers)
{
  for (guint i = 0; i < viewers->len; i++)
    {
      if (!plant_rpc_client_is_ready (viewers->pdata[i]))
        return FALSE;
    }
  return TRUE;
}

static void
open_viewers (const Server *server,
              GPtrArray    *viewers,
              guint         n)
{
  PlantRpcInterfaceInfo *info =
      plant_rpc_interface_info_new_from_json ("{\"properties\": {\"value\": {\"type\": \"i\"}}}",
                                              NULL);

  while (viewers->len < n)
    {
      for (guint i = 0; i < AT_ONCE && viewers->len < n; i++)
        {
          PlantRpcClient *client =
              plant_rpc_client_new_for_interface (info, server->url, NULL);

          plant_rpc_client_set_heartbeat_interval (client, 0);
          g_ptr_array_add (viewers, client);
        }
      while (!are_ready (viewers))
        g_main_context_iteration (NULL, TRUE);
    }
  plant_rpc_interface_info_unref (info);
}

/* CPU_US is the time of the server for each change and viewer, KIB its memory for each viewer. */
static void
measure_viewers (const Server *device,
                 const Server *server,
                 guint         n_viewers,
                 guint         n_changes,
                 double       *cpu_us,
                 double       *kib)
{
  static int value = 0;
  g_autoptr (GPtrArray) viewers = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (PlantRpcClient) writer = open_client (device);
  long memory;
  int64_t cpu;

  open_viewers (server, viewers, 1);
  change (writer, viewers, ++value);
  memory = bench_rss_of (server->pid);
  open_viewers (server, viewers, n_viewers + 1);
  change (writer, viewers, ++value);
  *kib = (double) (bench_rss_of (server->pid) - memory) / n_viewers;
  cpu = bench_cpu_of (server->pid);
  for (guint i = 0; i < n_changes; i++)
    change (writer, viewers, ++value);
  *cpu_us = (double) (bench_cpu_of (server->pid) - cpu) / 1e3 / n_changes / (n_viewers + 1);
}

static void
measure (guint n_gets,
         guint n_viewers,
         guint n_changes)
{
  static const char *const names[N_PLACES] = { "device", "relay", "two" };
  double wall_us[N_PLACES] = { 0 }, get_cpu_us[N_PLACES] = { 0 };
  Server servers[N_PLACES];

  servers[0] = spawn ("device");
  for (guint i = 1; i < N_PLACES; i++)
    servers[i] = spawn_relay (&servers[i - 1]);
  measure_gets (servers, n_gets, wall_us, get_cpu_us);
  printf ("{");
  for (guint i = 0; i < N_PLACES; i++)
    {
      double cpu_us, kib;

      measure_viewers (&servers[0], &servers[i], n_viewers, n_changes, &cpu_us, &kib);
      printf ("%s\"%s\": {\"get_us\": %.2f, \"get_cpu_us\": %.2f, \"cpu_us\": %.3f, "
              "\"kib\": %.1f}",
              i > 0 ? ", " : "", names[i], wall_us[i], get_cpu_us[i], cpu_us, kib);
    }
  printf ("}\n");
  for (guint i = N_PLACES; i > 0; i--)
    bench_end (servers[i - 1].pid);
}

int
main (int    argc,
      char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "device"))
    serve (plant_rpc_server_new (g_object_new (gauge_get_type (), NULL), argv[2]));
  if (argc == 3 && g_str_has_prefix (argv[1], "relay "))
    serve (PLANT_RPC_SERVER (plant_rpc_relay_new (argv[1] + strlen ("relay "), argv[2])));
  if (argc != 4)
    {
      fprintf (stderr, "Usage: %s GETS VIEWERS CHANGES\n", argv[0]);
      return 2;
    }
  measure ((guint) atoi (argv[1]), (guint) atoi (argv[2]), (guint) atoi (argv[3]));
  return 0;
}
