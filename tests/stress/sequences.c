/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stress-calls.h"
#include "stress-lane.h"
#include "stress-proxy.h"
#include "stress.h"

/* A client, a device and a bad network between them do random things. When everything is quiet
 * again, every state must be right. If a sequence fails, its description is printed, and --kind and
 * --seed repeat it.
 *
 * A client gets no lane through the proxy that is the bad network. So some clients of a native
 * device do without it, and their lanes have the faults. */

#define N_SEQUENCES  { 150, 50, 50 } /* number of sequences of each kind */
#define N_ALL        250
/* one native sequence of so many has a lane */
#define LANE_SHARE   3
/* calls by which a lane stands */
#define WARM_UP      40
/* the variable that sets another number of sequences for all kinds */
#define COUNT_NAME   "PLANTRPC_SEQUENCES"
#define MAX_ACTIONS  24
/* ms; far above every deadline here, so only the loss of the connection ends such a call */
#define PATIENT_MS   600000
#define MAX_SIGNALS  20
#define LIMIT        (1024 * 1024) /* bytes by which a process may grow */
#define N_WARM_UP    10

typedef struct {
  guint32         seed;
  StressKind      kind;
  GRand          *chance;    /* (owned) */
  char           *directory; /* (owned) */
  char           *journal;   /* (owned) */
  char           *url;       /* (owned): the device's own address, without the proxy */
  StressServer   *server;    /* (owned) */
  gboolean        is_stopped;
  gboolean        has_lane;
  gboolean        calls_only; /* TRUE: faults leave the connection for signals alone */
  StressProxy    *proxy;     /* (owned) (nullable): NULL with a lane */
  guint16         port;      /* of the device; 0: it is reached over ipc */
  gboolean        is_gentle; /* TRUE: only the lane has had faults, which no call may tell of */
  gboolean        forgets;   /* TRUE: there may be a connection that passes nothing on */
  PlantRpcClient *client;    /* (owned) */
  GPtrArray      *calls;     /* (element-type StressCall) */
  int             last_value;
  gint64          last_number; /* the last number that the device was told to emit */
  gint64          last_heard;
  GHashTable     *heard;       /* (element-type gint64 guint): how often each number arrived */
  gboolean        is_told;     /* TRUE: the client has reported since the last number that signals
                                  may be lost */
  gboolean        is_same;     /* TRUE: the process of the device was not restarted */
  StressMemory    before;      /* of the device, at the beginning */
} Sequence;

static GString *story; /* the actions so far */
static gint n_sequences = -1;
static gint only_kind = -1;
static gint64 only_seed = -1;

/* ---- printing the sequence */

static void
on_abort (int signum)
{
  gssize n G_GNUC_UNUSED = write (STDERR_FILENO, story->str, story->len);

  signal (signum, SIG_DFL);
  raise (signum);
}

static void G_GNUC_PRINTF (1, 2)
tell (const char *format,
      ...)
{
  va_list args;

  va_start (args, format);
  g_string_append (story, "# ");
  g_string_append_vprintf (story, format, args);
  g_string_append_c (story, '\n');
  va_end (args);
}

/* ---- the client */

static void
on_captured (PlantRpcClient *client,
             const char     *what,
             gint64          number,
             Sequence       *self)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->heard, &number));

  g_hash_table_replace (self->heard, g_memdup2 (&number, sizeof number), GUINT_TO_POINTER (n + 1));
  g_assert_cmpint (number, <=, self->last_number);
  /* Copies of one signal arrive one after the other. */
  g_assert_cmpint (number, >=, self->last_heard);
  if (self->kind == STRESS_NATIVE)
    g_assert_cmpint (number, !=, self->last_heard);
  if (self->kind != STRESS_GENERATION_2 && number > self->last_heard + 1)
    g_assert_true (self->is_told);
  self->last_heard = number;
  self->is_told = FALSE;
}

static void
on_lost (PlantRpcClient *client,
         guint64         n_lost,
         Sequence       *self)
{
  self->is_told = TRUE;
}

static void
on_state (PlantRpcClient *client,
          GParamSpec     *pspec,
          Sequence       *self)
{
  if (!stress_client_is_ready (client))
    self->is_told = TRUE;
}

/* ---- actions */

static void
act_call (Sequence *self)
{
  double seconds = g_rand_int_range (self->chance, 0, 3) == 0 ? 0.05 : 0;

  tell ("call for %g s", seconds);
  stress_calls_count (self->calls, self->client, seconds, PATIENT_MS);
}

static void
act_write (Sequence *self)
{
  tell ("write %d", ++self->last_value);
  stress_calls_write (self->calls, self->client, self->last_value);
}

static void
act_edit (Sequence *self)
{
  tell ("set %d", ++self->last_value);
  g_object_set (self->client, "rotation", self->last_value, NULL);
}

/* A stopped process cannot carry out the change. */
static void
act_change (Sequence *self)
{
  if (self->is_stopped)
    return;
  tell ("the device changes to %d", ++self->last_value);
  stress_server_begin_rotation (self->server, self->last_value);
}

static void
act_emit (Sequence *self)
{
  int n = g_rand_int_range (self->chance, 1, MAX_SIGNALS);

  if (self->is_stopped)
    return;
  tell ("the device emits %d", n);
  for (int i = 0; i < n; i++)
    stress_server_begin_number (self->server, ++self->last_number);
}

static void
act_fault (Sequence *self)
{
  static const char *const faults[] = {
    "freeze", "freeze up", "freeze down", "freeze 0.1", "thaw", "thaw", "reset", "drop",
    "half-close up", "half-close down", "forget", "forget up", "forget down", "kill", "kill 0.1",
    "refuse", "refuse 0.1", "accept", "accept", "delay 0.02", "delay 0", "rate 20K", "rate 0",
  };
  const char *fault = faults[g_rand_int_range (self->chance, 0, G_N_ELEMENTS (faults))];

  tell ("%s", fault);
  stress_proxy_do (self->proxy, fault);
  self->forgets = self->forgets || g_str_has_prefix (fault, "forget");
}

static void
act_restart (Sequence *self)
{
  const gboolean kills =
      self->proxy != NULL || self->is_stopped || g_rand_boolean (self->chance);

  tell (kills ? "the device is killed and started" : "the device is ended and started");
  self->is_gentle = FALSE;
  if (kills)
    stress_server_kill (self->server);
  stress_server_free (self->server);
  self->server = stress_server_new (self->kind, self->url, self->journal, NULL, NULL);
  self->is_stopped = FALSE;
  self->is_same = FALSE;
}

static void
set_stopped (Sequence *self,
             gboolean  stopped)
{
  if (self->is_stopped == stopped)
    return;
  tell (stopped ? "the device is stopped" : "the device goes on");
  self->is_gentle = FALSE;
  stress_server_send_signal (self->server, stopped ? SIGSTOP : SIGCONT);
  self->is_stopped = stopped;
}

static void
act_stop (Sequence *self)
{
  set_stopped (self, !self->is_stopped);
}

static void
act_block (Sequence *self)
{
  int ms = g_rand_int_range (self->chance, 1, 100);

  tell ("the client does nothing for %d ms", ms);
  g_usleep (ms * 1000);
}

static void
act_go_on (Sequence *self)
{
  int ms = g_rand_int_range (self->chance, 1, 100);

  tell ("the client goes on for %d ms", ms);
  stress_iterate_for (ms);
}

/* ---- actions with a lane */

/* A client gets one lane for each ordinary connection. */
static void
open_lane (Sequence *self)
{
  for (guint i = 0; i < WARM_UP && !stress_lane_stands (self->port); i++)
    stress_calls_reach (self->calls, self->client, PATIENT_MS);
}

static void
renew_lane (Sequence *self)
{
  if (self->is_stopped)
    return;
  if (self->port != 0)
    {
      tell ("the connection is reset, and has a lane again");
      self->is_gentle = FALSE;
      stress_lane_reset_ordinary (self->port);
      STRESS_WAIT (!stress_client_is_ready (self->client));
    }
  open_lane (self);
}

/* Where the bytes run out depends on chance, too, since messages come and go meanwhile. */
static void
act_lane_fault (Sequence *self)
{
  const guint fault = g_rand_int_range (self->chance, 0, 5);
  const gsize n_bytes = g_rand_int_range (self->chance, 1, 10) *
                        g_rand_int_range (self->chance, 1, 10000);

  if (!stress_lane_stands (self->port))
    {
      renew_lane (self);
      return;
    }
  tell ("the lane ends: %u, %" G_GSIZE_FORMAT, fault, n_bytes);
  if (fault == 0)
    stress_lane_cut (self->port, SHUT_RDWR);
  else if (fault == 1)
    stress_lane_cut (self->port, n_bytes % 2 == 0 ? SHUT_RD : SHUT_WR);
  else if (fault == 2)
    stress_lane_cut_received (n_bytes);
  else
    stress_lane_cut_sent (n_bytes);
}

/* More than there is room for between the two, in one direction or the other. */
static void
act_fill (Sequence *self)
{
  const int n = g_rand_int_range (self->chance, 1, 1000);
  const guint n_calls = g_rand_int_range (self->chance, 1, 20);

  if (g_rand_boolean (self->chance))
    {
      tell ("%u large calls", n_calls);
      for (guint i = 0; i < n_calls; i++)
        stress_calls_count_large (self->calls, self->client, PATIENT_MS);
      return;
    }
  if (self->is_stopped)
    return;
  tell ("the device emits %d that are larger", n);
  stress_server_begin_flood (self->server, self->last_number + 1, n);
  self->last_number += n;
}

static void
act_with_lane (Sequence *self)
{
  static void (*const actions[]) (Sequence *) = {
    act_call,       act_call,       act_call,       act_write, act_write,      act_edit,
    act_change,     act_change,     act_emit,       act_emit,  act_lane_fault, act_lane_fault,
    act_lane_fault, act_lane_fault, act_lane_fault, act_fill,  act_fill,       act_stop,
    act_block,      act_go_on,      act_go_on,
  };

  actions[g_rand_int_range (self->chance, 0, G_N_ELEMENTS (actions))](self);
}

static void
act (Sequence *self)
{
  static void (*const actions[]) (Sequence *) = {
    act_call,  act_call,  act_write, act_write,   act_edit, act_change, act_change, act_emit,
    act_emit,  act_emit,  act_fault, act_fault,   act_fault, act_fault, act_fault,  act_fault,
    act_stop,  act_block, act_go_on, act_go_on,   act_go_on,
  };
  /* A restart takes most of the time of a sequence, so it is rare. */
  const int n_restarts = self->kind == STRESS_NATIVE ? 30 : 60;

  if (g_rand_int_range (self->chance, 0, n_restarts) == 0)
    act_restart (self);
  else if (self->proxy == NULL)
    act_with_lane (self);
  else
    actions[g_rand_int_range (self->chance, 0, G_N_ELEMENTS (actions))](self);
  if (g_rand_int_range (self->chance, 0, 3) == 0)
    stress_iterate_for (g_rand_int_range (self->chance, 0, 20));
}

/* ---- what must be right afterwards */

static void
make_good (Sequence *self)
{
  static const char *const remedies[] = { "thaw", "accept", "delay 0", "rate 0" };

  set_stopped (self, FALSE);
  stress_lane_leave ();
  for (guint i = 0; self->proxy != NULL && i < G_N_ELEMENTS (remedies); i++)
    stress_proxy_do (self->proxy, remedies[i]);
  stress_server_settle (self->server);
  /* A client keeps a connection that carries nothing but is acknowledged, since it looks busy. */
  if (self->forgets)
    stress_proxy_do (self->proxy, "reset");
}

static void
reach_device (Sequence *self)
{
  stress_calls_reach (self->calls, self->client, PATIENT_MS);
  STRESS_WAIT (stress_calls_have_ended (self->calls, self->calls->len));
  g_assert_true (stress_client_is_ready (self->client));
}

static guint
count_heard (Sequence *self,
             gint64    number)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->heard, &number));
}

static void
tell_state (Sequence *self)
{
  g_autoptr (GVariant) state = NULL;
  g_autofree char *text = NULL;

  if (self->kind == STRESS_NATIVE)
    return;
  state = stress_server_command (self->server, "{\"command\": \"state\"}");
  text = g_variant_print (state, FALSE);
  tell ("signal %" G_GINT64_FORMAT " has not come after half a second; the device: %s",
        self->last_number, text);
}

/* Makes the device emit one more signal. A published signal is lost until the subscription has
 * arrived. */
static gint64
hear_one (Sequence *self)
{
  gint64 end = g_get_monotonic_time () + STRESS_DEADLINE_S * G_USEC_PER_SEC;

  do
    {
      stress_server_begin_number (self->server, ++self->last_number);
      stress_server_settle (self->server);
      for (guint i = 0; i < 50 && self->last_heard < self->last_number; i++)
        stress_iterate (end, "a signal comes", __FILE__, __LINE__);
    }
  while (self->last_heard < self->last_number && self->kind == STRESS_GENERATION_2);
  if (self->last_heard < self->last_number)
    tell_state (self);
  STRESS_WAIT (self->last_heard == self->last_number);
  return self->last_number;
}

static void
assert_signals (Sequence *self)
{
  gint64 number = hear_one (self);
  gint64 n_copies = 1;

  /* When this signal has arrived, every copy of the one before has arrived too. */
  hear_one (self);
  if (self->kind != STRESS_NATIVE)
    n_copies = stress_server_count (self->server, "state", "inits");
  /* A client that does not know the publisher's port must ask for it, and a generation 2 server
   * sends each signal once more for every time it was asked. The client asks again after it has
   * lost both connections, or the reply. */
  if (self->kind != STRESS_GENERATION_2 || (self->calls_only && self->is_same))
    g_assert_cmpint (n_copies, ==, 1);
  g_assert_cmpuint (count_heard (self, number), ==, n_copies);
}

static void
on_flushed (GObject      *client,
            GAsyncResult *result,
            gpointer      user_data)
{
  /* If an edit was lost, it fails. */
  plant_rpc_client_flush_finish (PLANT_RPC_CLIENT (client), result, NULL);
  *(gboolean *) user_data = TRUE;
}

static void
assert_properties (Sequence *self)
{
  gboolean done = FALSE;
  int rotation;

  plant_rpc_client_flush (self->client, NULL, on_flushed, &done);
  STRESS_WAIT (done);
  rotation = stress_server_get_rotation (self->server);
  tell ("the device has %d, the client %d", rotation, stress_client_get_rotation (self->client));
  STRESS_WAIT (stress_client_get_rotation (self->client) == rotation);
}

static void
assert_calls (Sequence *self)
{
  g_autoptr (GHashTable) journal = stress_journal_read (self->journal);

  for (guint i = 0; i < self->calls->len; i++)
    {
      StressCall *call = self->calls->pdata[i];

      stress_call_assert (call, journal);
      if (self->is_gentle)
        g_assert_no_error (call->error);
    }
}

static gboolean
has_settled (Sequence     *self,
             StressMemory *after)
{
  stress_server_measure (self->server, after);
  return after->n_fds <= self->before.n_fds;
}

static void
assert_device (Sequence *self)
{
  StressMemory after;

  stress_server_assert_clean (self->server);
  if (self->kind != STRESS_NATIVE || !self->is_same)
    return;
  STRESS_WAIT (has_settled (self, &after));
  g_assert_cmpint (after.used, <, self->before.used + LIMIT);
}

/* ---- sequences */

/* Both processes take the kind of lane from the environment. Returns the URL for the device. */
static char *
choose_lane (Sequence *self)
{
  static const char *const lanes[] = { "unix", "tcp" };
  const gboolean is_ipc = g_rand_int_range (self->chance, 0, 4) == 0;
  const char *lane =
      lanes[is_ipc ? 0 : g_rand_int_range (self->chance, 0, G_N_ELEMENTS (lanes))];

  tell ("with a lane (%s), %s", lane, is_ipc ? "ipc" : "tcp");
  g_setenv ("PLANTRPC_LANE", lane, TRUE);
  self->is_gentle = TRUE;
  return is_ipc ? g_strdup_printf ("ipc://@stress-%d-%u", (int) getpid (), self->seed)
                : g_strdup (STRESS_ANY_URL);
}

static void
learn_port (Sequence *self)
{
  const char *colon = strrchr (self->url, ':');

  if (g_str_has_prefix (self->url, "tcp:"))
    self->port = g_ascii_strtoull (colon + 1, NULL, 10);
}

static void
start (Sequence *self)
{
  g_autofree char *url = NULL;

  /* A generation 1 device answers nobody any more after the connection for its signals was lost. */
  self->calls_only = self->kind == STRESS_GENERATION_1 ||
                     g_rand_int_range (self->chance, 0, 2) == 0;
  self->has_lane = self->kind == STRESS_NATIVE &&
                   g_rand_int_range (self->chance, 0, LANE_SHARE) == 0;
  url = self->has_lane ? choose_lane (self) : g_strdup (STRESS_ANY_URL);
  self->directory = g_dir_make_tmp ("plantrpc-XXXXXX", NULL);
  self->journal = g_build_filename (self->directory, "journal", NULL);
  self->calls = stress_calls_new ();
  self->heard = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->server = stress_server_new (self->kind, url, self->journal, NULL, NULL);
  self->is_same = TRUE;
  self->url = g_strdup (stress_server_get_url (self->server));
  learn_port (self);
  if (!self->has_lane)
    self->proxy = stress_proxy_new (self->url, self->calls_only ? "--calls-only" : NULL, NULL);
  self->client =
      stress_client_new (self->has_lane ? self->url : stress_proxy_get_url (self->proxy));
  g_signal_connect (self->client, "captured", G_CALLBACK (on_captured), self);
  g_signal_connect (self->client, "signals-lost", G_CALLBACK (on_lost), self);
  g_signal_connect (self->client, "notify::state", G_CALLBACK (on_state), self);
  reach_device (self);
  hear_one (self);
  if (self->has_lane)
    {
      open_lane (self);
      g_assert_true (stress_lane_stands (self->port));
    }
  if (self->kind == STRESS_NATIVE)
    stress_server_measure (self->server, &self->before);
}

static void
stop (Sequence *self)
{
  g_object_unref (self->client);
  g_clear_pointer (&self->proxy, stress_proxy_free);
  stress_server_free (self->server);
  g_hash_table_unref (self->heard);
  g_ptr_array_unref (self->calls);
  g_remove (self->journal);
  g_rmdir (self->directory);
  g_free (self->url);
  g_free (self->journal);
  g_free (self->directory);
  g_rand_free (self->chance);
}

static void
run (StressKind kind,
     guint32    seed)
{
  Sequence self = { .kind = kind, .seed = seed, .chance = g_rand_new_with_seed (seed) };
  int n_actions = g_rand_int_range (self.chance, 4, MAX_ACTIONS);

  g_string_truncate (story, 0);
  tell ("--kind %d --seed %u (%s)", kind, seed, stress_kind_get_name (kind));
  start (&self);
  for (int i = 0; i < n_actions; i++)
    act (&self);
  tell ("all is well again");
  make_good (&self);
  reach_device (&self);
  stress_server_settle (self.server);
  assert_signals (&self);
  assert_properties (&self);
  assert_calls (&self);
  assert_device (&self);
  stop (&self);
}

static gboolean
is_back (const StressMemory *before,
         StressMemory       *after)
{
  stress_memory_measure (after);
  return after->n_fds <= before->n_fds;
}

/* A thread of libzmq closes descriptors, at a time of its own. */
static void
assert_back (const StressMemory *before)
{
  StressMemory after;

  STRESS_WAIT (is_back (before, &after));
  g_test_message ("%+.1f KiB used", (after.used - before->used) / 1024.0);
  g_assert_cmpint (after.used, <, before->used + LIMIT);
}

static guint
get_count (StressKind kind)
{
  static const guint shares[STRESS_N_KINDS] = N_SEQUENCES;
  const char *text = g_getenv (COUNT_NAME);

  if (n_sequences >= 0)
    return (guint) n_sequences;
  if (text == NULL)
    return shares[kind];
  return (guint) (g_ascii_strtoull (text, NULL, 10) * shares[kind] / N_ALL);
}

static void
test_sequences (gconstpointer data)
{
  StressKind kind = GPOINTER_TO_INT (data);
  guint32 seed = only_seed >= 0 ? (guint32) only_seed : g_random_int ();
  guint n = only_seed >= 0 ? 1 : get_count (kind);
  StressMemory before;

  g_test_message ("%u sequences with the seeds from %u", n, seed);
  for (guint i = 0; i < n; i++)
    {
      run (kind, seed + i);
      if (i == MIN (N_WARM_UP, n - 1))
        stress_memory_measure (&before);
    }
  if (n > 0)
    assert_back (&before);
}

static void
parse (int    *argc,
       char ***argv)
{
  const GOptionEntry entries[] = {
    { "kind", 0, 0, G_OPTION_ARG_INT, &only_kind, "Of one kind only", "NUMBER" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &only_seed, "That sequence only", "NUMBER" },
    { "count", 0, 0, G_OPTION_ARG_INT, &n_sequences, "So many of each kind", "NUMBER" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_ignore_unknown_options (context, TRUE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    g_error ("%s", error->message);
}

int
main (int    argc,
      char **argv)
{
  stress_memory_prepare ();
  parse (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  story = g_string_new (NULL);
  signal (SIGABRT, on_abort);
  signal (SIGTRAP, on_abort);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      g_autofree char *path = g_strdup_printf ("/sequences/%s", stress_kind_get_name (kind));

      if (only_kind < 0 || only_kind == kind)
        g_test_add_data_func (path, GINT_TO_POINTER (kind), test_sequences);
    }
  return g_test_run ();
}
