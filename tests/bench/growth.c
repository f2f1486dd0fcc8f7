/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zmq.h>

#include "growth.h"

/* What plantrpc costs with many properties, clients, servers and calls. Each command measures one
 * thing and prints one JSON line. “run --growth” calls them and makes ratios of what they tell. */

#define IDLE_US 200000
#define AT_ONCE 50 /* clients */

typedef struct {
  char  address[128];
  char  url[160];
  pid_t pid;
} Server;

static Server
spawn (const char *mode,
       guint       n_properties)
{
  Server self;
  BenchAddress address;
  g_autofree char *number = g_strdup_printf ("%s %u", mode, n_properties);

  bench_pick_address ("tcp", "growth", self.address, sizeof self.address);
  address = bench_parse (self.address);
  g_snprintf (self.url, sizeof self.url, "tcp://127.0.0.1:%d", address.port);
  self.pid = bench_spawn (number, self.url);
  return self;
}

/* ---- clients */

typedef PlantRpcClient *(*OpenFunc) (const char *url,
                                     guint       n_properties);

static PlantRpcClient *
open_plain (const char *url,
            guint       n_properties)
{
  return plant_rpc_client_new (url);
}

static PlantRpcClient *
open_typed (const char *url,
            guint       n_properties)
{
  return plant_rpc_client_new_for_type (growth_device_type (n_properties), url, NULL);
}

static PlantRpcClient *
open_discovered (const char *url,
                 guint       n_properties)
{
  return plant_rpc_client_discover_sync (url, GROWTH_TIMEOUT_MS, NULL, NULL);
}

static OpenFunc
find_open (const char *kind)
{
  return g_str_equal (kind, "plain") ? open_plain
         : g_str_equal (kind, "typed") ? open_typed
                                       : open_discovered;
}

static gsize
count_allocated (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

typedef struct {
  double wall_us;
  double cpu_us; /* of both sides */
  double bytes;  /* of the client */
} Cost;

static Cost
open_one (const Server *server,
          OpenFunc      open_client,
          guint         n_properties,
          GPtrArray    *clients)
{
  const int64_t cpu = bench_own_cpu () + bench_cpu_of (server->pid);
  const gsize allocated = count_allocated ();
  const int64_t began = bench_now ();
  PlantRpcClient *client = open_client (server->url, n_properties);
  Cost cost;

  BENCH_CHECK (client != NULL);
  growth_settle (client);
  cost.wall_us = (double) (bench_now () - began) / 1e3;
  cost.cpu_us = (double) (bench_own_cpu () + bench_cpu_of (server->pid) - cpu) / 1e3;
  cost.bytes = (double) count_allocated () - (double) allocated;
  g_ptr_array_add (clients, client);
  return cost;
}

static int
compare_costs (const void *a,
               const void *b)
{
  const double first = ((const Cost *) a)->cpu_us, second = ((const Cost *) b)->cpu_us;

  return (first > second) - (first < second);
}

/* The first client of a process learns what the device is; the next ones know it. */
static void
measure_open (const char *kind,
              guint       n_properties,
              guint       n_clients)
{
  Server server = spawn ("serve", n_properties);
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree Cost *costs = g_new (Cost, n_clients);
  Cost next;

  for (guint i = 0; i < n_clients; i++)
    costs[i] = open_one (&server, find_open (kind), n_properties, clients);
  qsort (costs + 1, n_clients - 1, sizeof *costs, compare_costs);
  next = costs[1 + (n_clients - 1) / 2];
  printf ("{\"first_us\": %.1f, \"first_cpu_us\": %.1f, \"first_bytes\": %.0f, \"next_us\": %.1f, "
          "\"next_cpu_us\": %.1f, \"next_bytes\": %.0f}\n",
          costs[0].wall_us, costs[0].cpu_us, costs[0].bytes, next.wall_us, next.cpu_us, next.bytes);
  bench_end (server.pid);
}

static void
open_many (const Server *server,
           guint         n_clients,
           GPtrArray    *clients)
{
  for (guint i = 0; i < n_clients; i++)
    {
      g_ptr_array_add (clients, plant_rpc_client_new (server->url));
      growth_wait (clients->pdata[i]);
    }
}

/* ---- connections */

static void
connect_bare (const char *url,
              guint       n_clients)
{
  void *context = zmq_ctx_new ();

  zmq_ctx_set (context, ZMQ_MAX_SOCKETS, 65535);
  for (guint i = 0; i < n_clients; i++)
    {
      void *socket = zmq_socket (context, ZMQ_DEALER);

      BENCH_CHECK (zmq_connect (socket, url) == 0 && zmq_send (socket, "x", 1, 0) == 1);
    }
}

static void
measure_connections (const char *kind,
                     guint       n_clients)
{
  const gboolean bare = g_str_equal (kind, "router");
  Server server = spawn (bare ? "route" : "serve", 1);
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);
  long before;

  g_usleep (IDLE_US);
  before = bench_rss_of (server.pid);
  if (bare)
    connect_bare (server.url, n_clients);
  else
    open_many (&server, n_clients, clients);
  g_usleep (IDLE_US + n_clients * 200);
  printf ("{\"kib\": %.2f}\n", (double) (bench_rss_of (server.pid) - before) / n_clients);
  bench_end (server.pid);
}

/* Opens so many clients, some at the same time, and stays. */
_Noreturn static void
fill (const char *url,
      guint       n_clients)
{
  for (guint n = 0; n < n_clients; n += AT_ONCE)
    {
      PlantRpcClient *clients[AT_ONCE];
      const guint n_more = MIN (AT_ONCE, n_clients - n);

      for (guint i = 0; i < n_more; i++)
        clients[i] = plant_rpc_client_new (url);
      for (guint i = 0; i < n_more; i++)
        growth_wait (clients[i]);
    }
  bench_ready ();
  for (;;)
    pause ();
}

/* The server serves so many, in processes that have descriptors for a thousand each, and says of
 * the next one that it is full. */
static void
measure_limit (guint n_clients)
{
  Server server = spawn ("serve", 1);
  g_autoptr (PlantRpcClient) refused = NULL;
  g_autoptr (GArray) fillers = g_array_new (FALSE, FALSE, sizeof (pid_t));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  for (guint n = 0; n < n_clients; n += 1000)
    {
      g_autofree char *mode = g_strdup_printf ("fill %u", MIN (1000, n_clients - n));
      const pid_t pid = bench_spawn (mode, server.url);

      g_array_append_val (fillers, pid);
    }
  refused = plant_rpc_client_new (server.url);
  plant_rpc_client_wait_ready_sync (refused, 5000, NULL, &error);
  text = g_strdelimit (g_strdup (error != NULL ? error->message : ""), "\"\\\n", ' ');
  printf ("{\"served\": %u, \"refusal\": \"%s\"}\n", n_clients, text);
  for (guint i = 0; i < fillers->len; i++)
    bench_end (g_array_index (fillers, pid_t, i));
  bench_end (server.pid);
}

/* ---- servers */

static guint
count_threads (void)
{
  DIR *tasks = opendir ("/proc/self/task");
  struct dirent *entry;
  guint n = 0;

  BENCH_CHECK (tasks != NULL);
  while ((entry = readdir (tasks)) != NULL)
    n += *entry->d_name != '.';
  closedir (tasks);
  return n;
}

static void
measure_servers (guint n_servers)
{
  g_autoptr (GPtrArray) servers = g_ptr_array_new_with_free_func (g_object_unref);
  const long before = bench_rss_of (getpid ());
  guint n_threads;

  for (guint i = 0; i < n_servers; i++)
    {
      PlantRpcServer *server =
          plant_rpc_server_new (g_object_new (growth_device_type (1), NULL), "tcp://127.0.0.1:*");

      BENCH_CHECK (plant_rpc_server_start (server, NULL));
      g_ptr_array_add (servers, server);
    }
  n_threads = count_threads ();
  printf ("{\"threads\": %u, \"kib\": %.1f}\n", n_threads,
          (double) (bench_rss_of (getpid ()) - before) / n_servers);
}

/* ---- calls */

static void
get (PlantRpcClient *client)
{
  g_autoptr (GVariant) value =
      plant_rpc_client_read_property_sync (client, "sensor_value_1", NULL, NULL);

  BENCH_CHECK (value != NULL);
}

static double
time_gets (PlantRpcClient *client,
           guint           n_calls)
{
  const int64_t began = bench_now ();

  for (guint i = 0; i < n_calls; i++)
    get (client);
  return (double) (bench_now () - began) / 1e3 / n_calls;
}

static void
measure_gets (guint n_idle,
              guint n_properties,
              guint n_calls)
{
  Server server = spawn ("serve", n_properties);
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);

  open_many (&server, n_idle + 1, clients);
  time_gets (clients->pdata[n_idle], n_calls / 10 + 1);
  printf ("{\"us\": %.2f}\n", time_gets (clients->pdata[n_idle], n_calls));
  bench_end (server.pid);
}

/* The memory of both sides after a tenth of the calls, and after all. */
static void
measure_calls (guint n_calls)
{
  Server server = spawn ("serve", 1);
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);
  long client_kib, server_kib;

  open_many (&server, 1, clients);
  time_gets (clients->pdata[0], n_calls / 10 + 1);
  client_kib = bench_rss_of (getpid ());
  server_kib = bench_rss_of (server.pid);
  time_gets (clients->pdata[0], n_calls - n_calls / 10);
  printf ("{\"client_kib\": %ld, \"server_kib\": %ld}\n", bench_rss_of (getpid ()) - client_kib,
          bench_rss_of (server.pid) - server_kib);
  bench_end (server.pid);
}

/* ---- the commands */

static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  BENCH_CHECK (getrlimit (RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  BENCH_CHECK (setrlimit (RLIMIT_NOFILE, &limit) == 0);
}

/* The mode of a process that bench_spawn() has started is “serve 1000” or “route 1”. */
static void
serve_if_spawned (const char *mode,
                  const char *url)
{
  if (g_str_has_prefix (mode, "serve "))
    growth_serve (url, (guint) atoi (mode + strlen ("serve ")));
  if (g_str_has_prefix (mode, "fill "))
    fill (url, (guint) atoi (mode + strlen ("fill ")));
  if (g_str_has_prefix (mode, "route "))
    growth_route (url);
}

static guint
read_number (char **arguments,
             guint  index)
{
  return g_strv_length (arguments) > index ? (guint) atoi (arguments[index]) : 0;
}

int
main (int    argc,
      char **argv)
{
  const char *command = argc > 2 ? argv[1] : "";
  char **numbers = argv + 2;

  raise_descriptor_limit ();
  if (argc == 3)
    serve_if_spawned (command, argv[2]);
  if (g_str_equal (command, "open") && argc == 5)
    measure_open (argv[2], read_number (numbers, 1), read_number (numbers, 2));
  else if (g_str_equal (command, "connections") && argc == 4)
    measure_connections (argv[2], read_number (numbers, 1));
  else if (g_str_equal (command, "limit") && argc == 3)
    measure_limit (read_number (numbers, 0));
  else if (g_str_equal (command, "servers") && argc == 3)
    measure_servers (read_number (numbers, 0));
  else if (g_str_equal (command, "gets") && argc == 5)
    measure_gets (read_number (numbers, 0), read_number (numbers, 1), read_number (numbers, 2));
  else if (g_str_equal (command, "calls") && argc == 3)
    measure_calls (read_number (numbers, 0));
  else
    return 2;
  return 0;
}
