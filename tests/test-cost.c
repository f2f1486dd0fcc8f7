/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plant-rpc-emission-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-reply-private.h"

/* What a message of a peer costs while it is read: memory for each byte of it, and afterwards. The
 * reading happens in a process of its own, whose highest memory the kernel keeps. */

#define MIB (1024 * 1024)

/* Beyond what the message itself takes. */
#define MAX_FACTOR 8
/* That an allocator may keep, and what is loaded at first use. */
#define SLACK (3 * MIB)
/* Far above what is promised, for machines that do much else. */
#define MAX_SECONDS_PER_MIB 1.0

typedef gboolean (*ReadFunc) (GBytes *payload);

typedef struct {
  gsize  peak;  /* bytes more than before */
  gsize  after; /* likewise */
  double seconds; /* of the processor */
  int    good;
} Cost;

/* In KiB, as /proc/self/status has it. */
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

static Cost
measure_here (ReadFunc  read_payload,
              GBytes   *payload)
{
  gsize before = read_status ("VmRSS");
  clock_t begun = clock ();
  Cost cost = { .good = read_payload (payload) };

  cost.seconds = (double) (clock () - begun) / CLOCKS_PER_SEC;
  cost.peak = MAX (read_status ("VmHWM"), before) - before;
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

/* ---- JSON: a message of SIZE bytes, with PART again and again between OPEN and CLOSE */

typedef struct {
  const char *name;
  const char *part; /* "%d" in it counts */
} Filling;

static const Filling fillings[] = {
  { "objects", "{\"a\":1}," },
  { "empty objects", "{}," },
  { "empty arrays", "[]," },
  { "arrays", "[1]," },
  { "deep arrays", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]," },
  { "deep objects", "{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{}}}}}}}}," },
  { "two digits", "10," },
  { "doubles", "1.5," },
  { "exponents", "1e9," },
  { "small doubles", "2.2250738585072011e-308," },
  { "words", "true," },
  { "nulls", "null," },
  { "NaN", "NaN," },
  { "strings", "\"\"," },
  { "escapes", "\"\\u00e4\\n\\u00e4\\ud83c\\udf31\\u0000\"," },
  { "UTF-8", "\"äöü植物🌱\"," },
  { "members", "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":0}," },
  { "equal names", "{\"a\":1,\"a\":1,\"a\":1,\"a\":1,\"a\":1,\"a\":1,\"a\":1,\"a\":1,\"a\":1,\"a\":1}," },
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

  g_test_message ("%-16s %s: %5.2f times its size, %5.2f afterwards, %6.1f ms for each MiB", name,
                  cost.good ? "read   " : "refused", (double) cost.peak / (double) size,
                  (double) cost.after / (double) size,
                  cost.seconds * 1000 * MIB / (double) size);
  if (g_getenv ("COST_FIGURES") != NULL)
    return;
  g_assert_cmpuint (cost.peak, <=, (gsize) (max_factor * (double) size) + SLACK);
  g_assert_cmpuint (cost.after, <=, SLACK);
  g_assert_cmpfloat (cost.seconds, <, MAX_SECONDS_PER_MIB * (double) size / MIB);
}

static gboolean
read_request (GBytes *payload)
{
  g_auto (PlantRpcRequest) request = { 0 };

  return plant_rpc_request_unpack (&request, payload, NULL);
}

static void
test_request (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (fillings); i++)
    {
      g_autoptr (GBytes) payload =
        fill ("{\"event\":\"PROPERTY_SET\",\"property\":\"a\",\"value\":[", fillings[i].part, "]}", 4 * MIB);

      check_cost (fillings[i].name, read_request, payload, MAX_FACTOR);
    }
}

static void
test_unknown_event (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (fillings); i++)
    {
      g_autoptr (GBytes) payload =
        fill ("{\"event\":\"x\",\"value\":[", fillings[i].part, "]}", 8 * MIB);

      check_cost (fillings[i].name, read_request, payload, 0);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cost/request", test_request);
  g_test_add_func ("/cost/unknown-event", test_unknown_event);

  return g_test_run ();
}
