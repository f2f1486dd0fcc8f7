/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A device and a client of the library in C: `bench-languages device|client …`. What is timed is
 * told in work.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <plantrpc/plantrpc.h>

#define MODE  "STILL"
#define SMALL (100 * 1024)
#define LARGE (10 * 1024 * 1024)
#define BURST 20000

#define CHECK(good) G_STMT_START { if (!(good)) g_error ("a wrong value came: " #good); } G_STMT_END

static GBytes *
make_pattern (gsize size)
{
  guint8 *data = g_malloc (size);

  memset (data, 7, size);
  return g_bytes_new_take (data, size);
}

/* ---- the device */

struct _Device {
  GObject  parent_instance;
  char    *mode;
  GBytes  *small, *large;
};

G_DECLARE_FINAL_TYPE (Device, device, BENCH, DEVICE, GObject)
G_DEFINE_FINAL_TYPE (Device, device, G_TYPE_OBJECT)

enum { PROP_MODE = 1 };

static void
device_get_property (GObject    *object,
                     guint       id,
                     GValue     *value,
                     GParamSpec *pspec)
{
  g_value_set_string (value, BENCH_DEVICE (object)->mode);
}

static void
device_set_property (GObject      *object,
                     guint         id,
                     const GValue *value,
                     GParamSpec   *pspec)
{
  Device *self = BENCH_DEVICE (object);

  g_free (self->mode);
  self->mode = g_value_dup_string (value);
}

static void
device_finalize (GObject *object)
{
  Device *self = BENCH_DEVICE (object);

  g_free (self->mode);
  g_bytes_unref (self->small);
  g_bytes_unref (self->large);
  G_OBJECT_CLASS (device_parent_class)->finalize (object);
}

static void
device_class_init (DeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = device_get_property;
  object_class->set_property = device_set_property;
  object_class->finalize = device_finalize;
  g_object_class_install_property (object_class, PROP_MODE,
    g_param_spec_string ("mode", NULL, NULL, MODE, G_PARAM_READWRITE));
  g_signal_new ("tick", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
device_init (Device *self)
{
  self->mode = g_strdup (MODE);
  self->small = make_pattern (SMALL);
  self->large = make_pattern (LARGE);
}

static void
add (PlantRpcInvocation *invocation,
     gpointer            user_data,
     GError            **error)
{
  g_autoptr (GVariant) a = NULL, b = NULL;
  GVariant *args = plant_rpc_invocation_get_args (invocation);

  g_variant_get_child (args, 0, "v", &a);
  g_variant_get_child (args, 1, "v", &b);
  plant_rpc_invocation_return_value (invocation, g_variant_new_int32 (g_variant_get_int32 (a) +
                                                                      g_variant_get_int32 (b)));
}

static void
echo (PlantRpcInvocation *invocation,
      gpointer            user_data,
      GError            **error)
{
  g_autoptr (GVariant) value = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &value);
  plant_rpc_invocation_return_value (invocation, value);
}

static void
burst (PlantRpcInvocation *invocation,
       gpointer            user_data,
       GError            **error)
{
  g_autoptr (GVariant) count = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &count);
  for (int number = 0; number < g_variant_get_int32 (count); number++)
    g_signal_emit_by_name (user_data, "tick", number);
  plant_rpc_invocation_return_value (invocation, NULL);
}

static void
send_pattern (PlantRpcInvocation *invocation,
              gpointer            user_data,
              GError            **error)
{
  plant_rpc_invocation_return_buffer (invocation, user_data, NULL);
}

static void
serve (void)
{
  g_autoptr (Device) device = g_object_new (device_get_type (), NULL);
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (G_OBJECT (device), "tcp://127.0.0.1:*");
  const PlantRpcMethodFlags flags = PLANT_RPC_METHOD_FLAGS_NONE;
  g_autoptr (GError) error = NULL;

  plant_rpc_server_register_method_json (server, "add", "a: i, b: i", 0, flags, add, NULL, NULL);
  plant_rpc_server_register_method_json (server, "echo", "value: v", 60000, flags, echo, NULL,
                                         NULL);
  plant_rpc_server_register_method_json (server, "burst", "count: i", 0, flags, burst, device,
                                         NULL);
  plant_rpc_server_register_method_buffer (server, "small", "", 0, flags, send_pattern,
                                           device->small, NULL);
  plant_rpc_server_register_method_buffer (server, "large", "", 0, flags, send_pattern,
                                           device->large, NULL);
  if (!plant_rpc_server_start (server, &error))
    g_error ("%s", error->message);
  puts (plant_rpc_server_get_url (server));
  fflush (stdout);
  plant_rpc_server_serve_forever (server, NULL);
}

/* ---- the client */

static GVariant *
call (PlantRpcClient *client,
      const char     *method,
      GVariant       *args)
{
  g_autoptr (GError) error = NULL;
  GVariant *result = plant_rpc_client_call_sync (client, method, args, NULL,
                                                 PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, &error);

  if (result == NULL)
    g_error ("%s", error->message);
  return result;
}

static GVariant *
build_position (void)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "name", g_variant_new_string ("position"));
  g_variant_builder_add (&builder, "{sv}", "x", g_variant_new_double (120.5));
  g_variant_builder_add (&builder, "{sv}", "y", g_variant_new_double (-33.25));
  g_variant_builder_add (&builder, "{sv}", "z", g_variant_new_double (0.125));
  g_variant_builder_add (&builder, "{sv}", "pan", g_variant_new_int32 (90));
  g_variant_builder_add (&builder, "{sv}", "tilt", g_variant_new_int32 (-45));
  g_variant_builder_add (&builder, "{sv}", "homed", g_variant_new_boolean (TRUE));
  g_variant_builder_add (&builder, "{sv}", "moving", g_variant_new_boolean (FALSE));
  g_variant_builder_add (&builder, "{sv}", "speed", g_variant_new_double (250));
  g_variant_builder_add (&builder, "{sv}", "steps", g_variant_new_int32 (123456));
  g_variant_builder_add (&builder, "{sv}", "limits", g_variant_new_parsed ("[<0>, <780>]"));
  g_variant_builder_add (&builder, "{sv}", "label", g_variant_new_string ("plant 7"));
  g_variant_builder_add (&builder, "{sv}", "error",
                         g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL));
  return g_variant_builder_end (&builder);
}

static void
do_get (PlantRpcClient *client)
{
  g_autoptr (GVariant) mode = plant_rpc_client_read_property_sync (client, "mode", NULL, NULL);

  CHECK (mode != NULL && g_str_equal (g_variant_get_string (mode, NULL), MODE));
}

static void
do_set (PlantRpcClient *client)
{
  CHECK (plant_rpc_client_write_property_sync (client, "mode", g_variant_new_string (MODE), NULL,
                                               NULL));
}

static void
do_add (PlantRpcClient *client)
{
  g_autoptr (GVariant) sum = call (client, "add", g_variant_new ("(ii)", 2, 3));

  CHECK (g_variant_is_of_type (sum, G_VARIANT_TYPE_INT64) ? g_variant_get_int64 (sum) == 5
                                                          : g_variant_get_int32 (sum) == 5);
}

static void
do_echo (PlantRpcClient *client)
{
  g_autoptr (GVariant) back = call (client, "echo", g_variant_new ("(@a{sv})", build_position ()));
  const char *name = NULL;
  double x = 0;

  CHECK (g_variant_lookup (back, "name", "&s", &name) && g_str_equal (name, "position"));
  CHECK (g_variant_lookup (back, "x", "d", &x) && x == 120.5);
}

static gint64
get_integer (GVariant *list,
             gsize     index)
{
  g_autoptr (GVariant) child = g_variant_get_child_value (list, index);
  g_autoptr (GVariant) boxed =
    g_variant_is_of_type (child, G_VARIANT_TYPE_VARIANT) ? g_variant_get_variant (child) : NULL;

  return g_variant_get_int64 (boxed != NULL ? boxed : child);
}

/* It is sent as C has it. Python and JavaScript tell a list of values of any type. */
static void
echo_numbers (PlantRpcClient *client,
              gsize           length)
{
  g_autofree gint64 *numbers = g_new (gint64, length);
  g_autoptr (GVariant) back = NULL;
  GVariant *list;

  for (gsize i = 0; i < length; i++)
    numbers[i] = 1000 + i;
  list = g_variant_new_fixed_array (G_VARIANT_TYPE_INT64, numbers, length, sizeof *numbers);
  back = call (client, "echo", g_variant_new ("(@ax)", list));
  CHECK (g_variant_n_children (back) == length);
  CHECK (get_integer (back, 0) == numbers[0]);
  CHECK (get_integer (back, length - 1) == numbers[length - 1]);
}

static void
do_numbers (PlantRpcClient *client)
{
  echo_numbers (client, 20000);
}

static void
do_million (PlantRpcClient *client)
{
  echo_numbers (client, 1000000);
}

static void
check_buffer (PlantRpcClient *client,
              const char     *method,
              gsize           expected)
{
  gsize size;
  const guint8 *data;
  g_autoptr (GBytes) bytes =
    plant_rpc_client_call_buffer_sync (client, method, NULL, NULL, PLANT_RPC_TIMEOUT_FROM_SERVER,
                                       NULL, NULL, NULL);

  CHECK (bytes != NULL);
  data = g_bytes_get_data (bytes, &size);
  CHECK (size == expected && data[0] == 7 && data[size - 1] == 7);
}

static void
do_small (PlantRpcClient *client)
{
  check_buffer (client, "small", SMALL);
}

static void
do_large (PlantRpcClient *client)
{
  check_buffer (client, "large", LARGE);
}

typedef struct {
  GMainLoop *loop;
  int        next;
} Burst;

static void
on_tick (PlantRpcClient *client,
         int             number,
         gpointer        user_data)
{
  Burst *self = user_data;

  CHECK (number == self->next);
  if (++self->next == BURST)
    g_main_loop_quit (self->loop);
}

static void
do_signals (PlantRpcClient *client)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Burst self = { .loop = loop };
  const gulong handler = g_signal_connect (client, "tick", G_CALLBACK (on_tick), &self);

  plant_rpc_client_call (client, "burst", g_variant_new ("(i)", BURST), NULL,
                         PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, NULL, NULL);
  g_main_loop_run (loop);
  g_signal_handler_disconnect (client, handler);
}

/* With how often it is done before it is timed, and then. */
static const struct {
  const char *name;
  int         warm, count;
  void      (*run) (PlantRpcClient *client);
} works[] = {
  { "get", 200, 2000, do_get },
  { "set", 200, 2000, do_set },
  { "add", 200, 2000, do_add },
  { "echo", 200, 2000, do_echo },
  { "numbers", 1, 7, do_numbers },
  { "million", 0, 1, do_million },
  { "small", 20, 200, do_small },
  { "large", 1, 7, do_large },
  { "signals", 1, 3, do_signals },
};

/* The ns that all threads of a process have been on a core. */
static gint64
read_used (const char *process)
{
  g_autofree char *tasks = g_strdup_printf ("/proc/%s/task", process);
  g_autoptr (GDir) dir = g_dir_open (tasks, 0, NULL);
  gint64 used = 0;

  for (const char *task = g_dir_read_name (dir); task != NULL; task = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (tasks, task, "schedstat", NULL);
      g_autofree char *text = NULL;

      if (g_file_get_contents (path, &text, NULL, NULL))
        used += g_ascii_strtoll (text, NULL, 10);
    }
  return used;
}

static long
read_peak_kib (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

static int
compare (const void *a,
         const void *b)
{
  const gint64 first = *(const gint64 *) a, second = *(const gint64 *) b;

  return (first > second) - (first < second);
}

static void
measure (PlantRpcClient *client,
         guint           work,
         int             divisor,
         const char     *device)
{
  const int count = MAX (works[work].count / divisor, 1);
  g_autofree gint64 *times = g_new (gint64, count);
  gint64 used;
  long peak;

  for (int i = 0; i < works[work].warm / divisor; i++)
    works[work].run (client);
  used = read_used ("self") + read_used (device);
  peak = read_peak_kib ();
  for (int i = 0; i < count; i++)
    {
      const gint64 start = g_get_monotonic_time ();

      works[work].run (client);
      times[i] = g_get_monotonic_time () - start;
    }
  used = read_used ("self") + read_used (device) - used;
  qsort (times, count, sizeof *times, compare);
  printf ("{\"median_us\": %" G_GINT64_FORMAT ", \"cpu_us\": %.3f, \"more_kib\": %ld}\n",
          times[count / 2], used / 1000.0 / count, read_peak_kib () - peak);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GError) error = NULL;

  if (argc == 2 && g_str_equal (argv[1], "device"))
    {
      serve ();
      return 0;
    }
  if (argc != 6)
    g_error ("It takes “device”, or “client”, a URL, a work, a divisor and a process");
  client = plant_rpc_client_discover_sync (argv[2], PLANT_RPC_TIMEOUT_DEFAULT, NULL, &error);
  if (client == NULL)
    g_error ("%s", error->message);
  for (guint i = 0; i < G_N_ELEMENTS (works); i++)
    {
      if (g_str_equal (works[i].name, argv[3]))
        measure (client, i, atoi (argv[4]), argv[5]);
    }
  return 0;
}
