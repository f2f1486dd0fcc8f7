/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <malloc.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plant-rpc-emission-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-value-private.h"

/* What a message costs while it is read and afterwards: memory for each byte of it, and time. It is
 * read in a process of its own, whose peak of memory the kernel records. */

#define MIB (1024 * 1024)

/* memory in multiples of the message, in addition to the message itself */
#define MAX_FACTOR 8
/* bytes that an allocator may keep, or that are loaded at first use */
#define SLACK (2 * MIB)
/* far above the expected time, for machines that have other work */
#define MAX_SECONDS_PER_MIB 1.0

typedef gboolean (*ReadFunc) (GBytes *payload);

typedef struct {
  gsize  peak;  /* bytes above those at the start */
  gsize  after; /* bytes above those at the start */
  double seconds; /* of processor time */
  int    good;
} Cost;

/* Returns a value of /proc/self/status in KiB. */
static gsize
read_status (const char *key)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, key);
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen (key) + 1, NULL, 10) * 1024;
}

/* Memory that the parent has freed would hide what is allocated here. The allocator may keep up to
 * 64 MiB of freed memory, which is not a cost of the message. */
static void
trim (void)
{
#ifdef __GLIBC__
  malloc_trim (0);
#endif
}

static Cost
measure_here (ReadFunc  read_payload,
              GBytes   *payload)
{
  gsize before = read_status ("VmRSS");
  clock_t begun = clock ();
  Cost cost = { .good = read_payload (payload) };

  cost.seconds = (double) (clock () - begun) / CLOCKS_PER_SEC;
  cost.peak = MAX (read_status ("VmHWM"), before) - before;
  trim ();
  cost.after = MAX (read_status ("VmRSS"), before) - before;
  return cost;
}

static Cost
measure (ReadFunc  read_payload,
         GBytes   *payload)
{
  int pipes[2], status;
  Cost cost;
  pid_t child;

  g_assert_cmpint (pipe (pipes), ==, 0);
  child = fork ();
  if (child == 0)
    {
      trim ();
      cost = measure_here (read_payload, payload);
      _exit (write (pipes[1], &cost, sizeof cost) == sizeof cost ? 0 : 1);
    }
  close (pipes[1]);
  g_assert_cmpint (read (pipes[0], &cost, sizeof cost), ==, sizeof cost);
  close (pipes[0]);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  return cost;
}

/* ---- JSON: a message of SIZE bytes, in which PART is repeated between OPEN and CLOSE */

typedef struct {
  const char *name;
  const char *part; /* “%d” in it is replaced by a counter */
} Filling;

/* the most expensive ones come first */
static const Filling fillings[] = {
  { "two digits", "10," },
  { "objects", "{\"a\":1}," },
  { "empty objects", "{}," },
  { "empty arrays", "[]," },
  { "arrays", "[1]," },
  { "deep arrays", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]," },
  { "deep objects", "{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{}}}}}}}}," },
  { "doubles", "1.5," },
  { "exponents", "1e9," },
  { "small doubles", "2.2250738585072011e-308," },
  { "words", "true," },
  { "nulls", "null," },
  { "NaN", "NaN," },
  { "strings", "\"\"," },
  { "escapes", "\"\\u00e4\\n\\u00e4\\ud83c\\udf31\\u0000\"," },
  { "UTF-8", "\"äöü植物🌱\"," },
  { "members",
    "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":0}," },
  { "equal names",
    "{\"a\":1,\"a\":1,\"a\":1,\"a\":1,\"a\":1,\"a\":1,\"a\":1,\"a\":1,\"a\":1,\"a\":1}," },
  { "spaces", "    \n\t    1," },
};

static GBytes *
fill (const char *open,
      const char *part,
      const char *close,
      gsize       size)
{
  GString *json = g_string_sized_new (size + 1024);

  g_string_append (json, open);
  while (json->len + strlen (part) + strlen (close) + 1 < size)
    g_string_append (json, part);
  g_string_append_c (json, '0');
  g_string_append (json, close);
  return g_string_free_to_bytes (json);
}

static void
check_cost (const char *name,
            ReadFunc    read_payload,
            GBytes     *payload,
            double      max_factor)
{
  gsize size = g_bytes_get_size (payload);
  Cost cost = measure (read_payload, payload);

  g_test_message ("%-24s %s: %5.2f times its size, %5.2f afterwards, %6.1f ms for each MiB", name,
                  cost.good ? "read   " : "refused", (double) cost.peak / (double) size,
                  (double) cost.after / (double) size,
                  cost.seconds * 1000 * MIB / (double) size);
  if (g_getenv ("COST_FIGURES") != NULL)
    return;
  g_assert_cmpuint (cost.peak, <=, (gsize) (max_factor * (double) size) + SLACK);
  g_assert_cmpuint (cost.after, <=, SLACK);
  g_assert_cmpfloat (cost.seconds, <, MAX_SECONDS_PER_MIB * (double) size / MIB);
}

/* The filling in the innermost place of a message of each kind, and in a member that is not
 * read. */
static gboolean
read_request (GBytes *payload)
{
  g_auto (PlantRpcRequest) request = { 0 };

  return plant_rpc_request_unpack (&request, payload, NULL);
}

static gboolean
read_reply (GBytes *payload)
{
  g_auto (PlantRpcReply) reply = { 0 };

  return plant_rpc_reply_unpack (&reply, PLANT_RPC_EVENT_PROPERTY_GET, FALSE, payload, NULL, NULL);
}

static gboolean
read_inventory (GBytes *payload)
{
  g_auto (PlantRpcInventory) inventory = { 0 };

  return plant_rpc_inventory_unpack (&inventory, payload, NULL);
}

static gboolean
read_emission (GBytes *payload)
{
  g_auto (PlantRpcEmission) emission = { 0 };

  return plant_rpc_emission_unpack (&emission, payload, NULL);
}

typedef struct {
  const char *name;
  ReadFunc    read_payload;
  const char *open;
  const char *close;
  double      max_factor;
} Message;

static const Message messages[] = {
  { "write", read_request, "{\"event\":\"PROPERTY_SET\",\"property\":\"a\",\"value\":[", "]}", 8 },
  { "call", read_request,
    "{\"event\":\"METHOD_CALL\",\"method\":\"a\",\"params\":{\"kwargs\":{},\"args\":[",
    "]}}", 8 },
  { "reply", read_reply, "{\"success\":true,\"value\":[", "]}", 8 },
  { "signal", read_emission, "{\"event\":\"EMIT_SIGNAL\",\"signal\":\"a\",\"args\":[", "]}", 8 },
  { "inventory", read_inventory,
    "{\"json_methods\":{},\"buffer_methods\":{},\"properties\":[],\"signals\":[", "]}", 8 },
  { "unknown event", read_request, "{\"event\":\"x\",\"value\":[", "]}", 0 },
  { "wrong type", read_request, "{\"event\":[", "]}", 0 },
  { "unasked", read_request, "{\"event\":\"STOP_SERVER\",\"value\":[", "]}", 0 },
  { "unasked reply", read_reply, "{\"success\":true,\"value\":1,\"other\":[", "]}", 0 },
  { "unasked signal", read_emission,
    "{\"event\":\"EMIT_SIGNAL\",\"signal\":\"a\",\"args\":[],\"other\":[", "]}", 0 },
};

static void
check_json (const Filling *filling)
{
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      const Message *message = &messages[i];
      g_autoptr (GBytes) payload = fill (message->open, filling->part, message->close, 4 * MIB);
      g_autofree char *name = g_strdup_printf ("%s: %s", message->name, filling->name);

      check_cost (name, message->read_payload, payload, message->max_factor);
    }
}

static void
test_json (void)
{
  for (guint i = 0; i < (g_test_slow () ? G_N_ELEMENTS (fillings) : 6); i++)
    check_json (&fillings[i]);
}

/* A digit and a comma are the shortest value. A message with more of them than are permitted is
 * refused before anything is built. */
static void
test_digits (void)
{
  static const Filling digits = { "digits", "1," };
  g_autoptr (GBytes) most = fill (messages[0].open, digits.part, messages[0].close, 4 * MIB - 100);
  g_autoptr (GBytes) more = fill (messages[0].open, digits.part, messages[0].close, 4 * MIB + 200);

  check_cost ("as many digits", read_request, most, 12.1);
  check_cost ("too many digits", read_request, more, 0);
}

/* One object with many different members. */
static void
test_members (void)
{
  GString *json = g_string_new (messages[0].open);
  g_autoptr (GBytes) payload = NULL;

  g_string_append_c (json, '{');
  for (guint i = 0; json->len < 4 * MIB; i++)
    g_string_append_printf (json, "\"%x\":1,", i);
  g_string_append (json, "\"\":0}]}");
  payload = g_string_free_to_bytes (json);
  check_cost ("many members", read_request, payload, MAX_FACTOR);
}

/* ---- native messages */

/* Returns a message (ysv) with so many elements that it has SIZE bytes. */
static GBytes *
fill_native (guint8      kind,
             const char *element,
             gsize       size)
{
  g_autoptr (GVariant) one = g_variant_ref_sink (g_variant_new_parsed (element));
  gsize one_size = g_variant_get_size (one);
  gsize n = size / (g_variant_is_of_type (one, G_VARIANT_TYPE_VARIANT) ? (one_size + 7) / 8 * 8 + 4
                    : g_variant_is_of_type (one, G_VARIANT_TYPE_STRING) ? one_size + 4 : one_size);
  g_autofree GVariant **elements = g_new (GVariant *, n);
  g_autoptr (GVariant) message = NULL;

  for (gsize i = 0; i < n; i++)
    elements[i] = one;
  message = g_variant_new ("(ysv)", kind, "a",
                           g_variant_new_array (g_variant_get_type (one), elements, n));
  g_variant_ref_sink (message);
  return g_bytes_new (g_variant_get_data (message), g_variant_get_size (message));
}

static GParamSpec *written_as;

/* Converts the value as a server does. */
static gboolean
write_property (GBytes *payload)
{
  g_auto (PlantRpcRequest) request = { 0 };
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GValue) again = G_VALUE_INIT;
  g_autoptr (GVariant) checked = NULL;
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_request_unpack (&request, payload, &error) ||
      !plant_rpc_value_from_variant_for (request.value, written_as, &value, &error))
    {
      g_test_message ("%s", error->message);
      return FALSE;
    }
  checked = plant_rpc_value_to_variant (&value, NULL);
  g_value_unset (&value);
  return plant_rpc_value_from_variant_for (checked, written_as, &again, NULL);
}

static const struct {
  const char *element;
  const char *type; /* type of the property; NULL: a list of strings */
} conversions[] = {
  { "<byte 1>", "av" },
  { "<byte 1>", "ad" },
  { "<byte 1>", "ai" },
  { "<1.5>", "ad" },
  { "<''>", "as" },
  { "<''>", NULL },
  { "'text'", NULL },
  { "<@mv nothing>", "ad" },
  { "<@mv nothing>", "amd" },
  { "<@av []>", "aad" },
  { "<[<byte 1>, <byte 2>]>", "aad" },
  { "<[<byte 1>, <byte 2>]>", "a(dd)" },
  { "<{'a': <byte 1>}>", "aa{sd}" },
  { "<{'a': <byte 1>}>", "aa{sv}" },
  { "<()>", "aad" },
  { "<@a(yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
    "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy) []>", "av" },
  { "byte 1", "ad" },
  { "byte 1", "av" },
  { "true", "ab" },
  { "()", "aad" },
};

static void
test_native_write (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (conversions); i++)
    {
      g_autoptr (GBytes) payload =
        fill_native (PLANT_RPC_KIND_PROPERTY_SET, conversions[i].element, 4 * MIB);
      g_autofree char *name = NULL;

      if (conversions[i].type == NULL)
        written_as = g_param_spec_boxed ("a", NULL, NULL, G_TYPE_STRV, G_PARAM_READWRITE);
      else
        written_as = g_param_spec_variant ("a", NULL, NULL, G_VARIANT_TYPE (conversions[i].type),
                                           NULL, G_PARAM_READWRITE);
      name = g_strdup_printf ("%.20s as %s", conversions[i].element, conversions[i].type);
      check_cost (name, write_property, payload, MAX_FACTOR);
      g_param_spec_unref (g_steal_pointer (&written_as));
    }
}

/* The cost of a server's native messages has the same limit. */
static gboolean
read_native_emission (GBytes *payload)
{
  g_auto (PlantRpcEmission) emission = { 0 };
  g_auto (GValue) value = G_VALUE_INIT;

  return plant_rpc_emission_unpack (&emission, payload, NULL) &&
         plant_rpc_value_from_variant_for (emission.value, written_as, &value, NULL);
}

static void
test_native_change (void)
{
  g_autoptr (GBytes) numbers = fill_native (PLANT_RPC_KIND_CHANGED, "<byte 1>", 4 * MIB);
  g_autoptr (GBytes) objects = fill_native (PLANT_RPC_KIND_CHANGED, "<{'a': <1>}>", 4 * MIB);

  written_as = g_param_spec_variant ("a", NULL, NULL, G_VARIANT_TYPE ("ad"), NULL,
                                     G_PARAM_READWRITE);
  check_cost ("change to ad", read_native_emission, numbers, MAX_FACTOR);
  g_param_spec_unref (written_as);
  written_as = g_param_spec_variant ("a", NULL, NULL, G_VARIANT_TYPE ("aa{sd}"), NULL,
                                     G_PARAM_READWRITE);
  check_cost ("change to aa{sd}", read_native_emission, objects, MAX_FACTOR);
  g_param_spec_unref (written_as);
}

/* What a program tells its peers, which have written it. */
static GVariant *told;

static gboolean
tell_json (GBytes *payload)
{
  g_autoptr (GString) json = g_string_new (NULL);

  return plant_rpc_json_write (told, json, NULL);
}

static gboolean
tell_native (GBytes *payload)
{
  g_autoptr (GVariant) message = g_variant_ref_sink (g_variant_new ("(ysv)", 0, "", told));
  g_autoptr (GBytes) packed = plant_rpc_message_pack_native (message, NULL);

  return packed != NULL;
}

static void
test_tell (void)
{
  for (guint i = 0; i < (g_test_slow () ? G_N_ELEMENTS (fillings) : 6); i++)
    {
      g_autoptr (GBytes) payload = fill (messages[0].open, fillings[i].part, messages[0].close,
                                         4 * MIB);
      g_autofree char *json = g_strdup_printf ("told as JSON: %s", fillings[i].name);
      g_autofree char *native = g_strdup_printf ("told natively: %s", fillings[i].name);
      g_auto (PlantRpcRequest) request = { 0 };

      g_assert_true (plant_rpc_request_unpack (&request, payload, NULL));
      told = request.value;
      check_cost (json, tell_json, payload, MAX_FACTOR);
      check_cost (native, tell_native, payload, MAX_FACTOR);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cost/json", test_json);
  g_test_add_func ("/cost/digits", test_digits);
  g_test_add_func ("/cost/members", test_members);
  g_test_add_func ("/cost/native-write", test_native_write);
  g_test_add_func ("/cost/native-change", test_native_change);
  g_test_add_func ("/cost/tell", test_tell);
  return g_test_run ();
}
