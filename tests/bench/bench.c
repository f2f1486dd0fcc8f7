/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum {
  N_CALLS = 20000,   /* W1, W2 */
  N_WARM = 1000,
  N_BIG = 50,        /* W3 */
  N_SMALL = 2000,    /* W3s */
  N_SIGNALS = 50000, /* W4 */
  N_BURSTS = 5,
  N_FAN_PROCESSES = 5, /* W5 */
  N_FAN_SIGNALS = 2000,
  N_CROWD = 16, /* W6 */
  N_CROWD_CALLS = 2000,
  N_STARTS = 10, /* W7 */
  IDLE_US = 100000,
};

typedef enum {
  OPERATION_GET,
  OPERATION_ECHO,
  OPERATION_BIG,
  OPERATION_SMALL,
} Operation;

typedef struct {
  const BenchPeer *peer;
  const char      *transport;
  const char      *workload;
  int              divisor; /* of all counts: a smoke run does less of everything */
  char             address_text[128];
  BenchAddress     address;
  pid_t            server;
} Bench;

/* What the processes of a crowd tell the one that started them. */
typedef struct {
  int64_t began; /* ns */
  int64_t ended;
  int64_t cpu;
} Shared;

uint8_t *
bench_buffer (void)
{
  static uint8_t *buffer;

  if (buffer != NULL)
    return buffer;
  buffer = malloc (BENCH_BIG);
  BENCH_CHECK (buffer != NULL);
  for (size_t i = 0; i < BENCH_BIG; i++)
    buffer[i] = (uint8_t) (i >> 12);
  return buffer;
}

/* One byte of each page: the bytes must be there, in the client's memory. */
void
bench_touch (const void *data,
             size_t      size,
             size_t      expected)
{
  const volatile uint8_t *bytes = data;

  BENCH_CHECK (size == expected);
  for (size_t i = 0; i < size; i += 4096)
    BENCH_CHECK (bytes[i] == (uint8_t) (i >> 12));
}

static int
scale (const Bench *self,
       int          n)
{
  return n / self->divisor > 0 ? n / self->divisor : 1;
}

static int
compare (const void *a,
         const void *b)
{
  int64_t first = *(const int64_t *) a, second = *(const int64_t *) b;

  return (first > second) - (first < second);
}

static int64_t
find_median (int64_t *times,
             int      n_times)
{
  qsort (times, n_times, sizeof *times, compare);
  return times[n_times / 2];
}

static int64_t
measure_cpu (const Bench *self)
{
  return bench_cpu_of (self->server) + bench_own_cpu ();
}

static void
print_result (const Bench *self,
              int64_t     *times,
              int          n_times,
              double       rate,
              const char  *unit,
              double       cpu_us)
{
  printf ("{\"peer\": \"%s\", \"transport\": \"%s\", \"workload\": \"%s\", ", self->peer->name,
          self->transport, self->workload);
  if (times != NULL)
    {
      printf ("\"median_us\": %.2f, ", (double) find_median (times, n_times) / 1e3);
      printf ("\"p99_us\": %.2f, ", (double) times[n_times * 99 / 100] / 1e3);
    }
  printf ("\"rate\": %.1f, \"unit\": \"%s\", \"cpu_us\": %.3f}\n", rate, unit, cpu_us);
}

static void
operate (const BenchPeer *peer,
         void            *client,
         Operation        operation)
{
  switch (operation)
    {
    case OPERATION_GET:
      peer->get (client);
      break;
    case OPERATION_ECHO:
      peer->echo (client);
      break;
    case OPERATION_BIG:
    case OPERATION_SMALL:
    default:
      peer->fetch (client, operation == OPERATION_BIG);
      break;
    }
}

/* W1, W2, W3, W3s */
static void
run_calls (const Bench *self,
           Operation    operation,
           int          n_warm,
           int          n)
{
  void *client = self->peer->open (&self->address);
  int64_t *times = calloc (n, sizeof *times);
  int64_t cpu, began, last;
  double seconds, cpu_us;

  BENCH_CHECK (times != NULL);
  for (int i = 0; i < n_warm; i++)
    operate (self->peer, client, operation);
  cpu = measure_cpu (self);
  began = last = bench_now ();
  for (int i = 0; i < n; i++)
    {
      int64_t now;

      operate (self->peer, client, operation);
      now = bench_now ();
      times[i] = now - last;
      last = now;
    }
  seconds = (double) (last - began) / 1e9;
  cpu_us = (double) (measure_cpu (self) - cpu) / 1e3 / n;
  if (operation == OPERATION_BIG)
    print_result (self, times, n, (double) n * (BENCH_BIG >> 20) / seconds, "MiB/s", cpu_us);
  else
    print_result (self, times, n, n / seconds, "calls/s", cpu_us);
  free (times);
}

/* W4 */
static void
run_signals (const Bench *self)
{
  const BenchPeer *peer = self->peer;
  void *client = peer->open (&self->address);
  int n_signals = scale (self, N_SIGNALS), n_warm = scale (self, N_WARM);
  int64_t times[N_BURSTS], cpu;
  double cpu_us;

  peer->get (client);
  peer->listen (client);
  peer->burst (client, n_warm);
  peer->pump (&client, 1, n_warm);
  cpu = measure_cpu (self);
  for (int i = 0; i < N_BURSTS; i++)
    {
      int64_t began = bench_now ();

      peer->burst (client, n_signals);
      peer->pump (&client, 1, n_signals);
      times[i] = bench_now () - began;
    }
  cpu_us = (double) (measure_cpu (self) - cpu) / 1e3 / N_BURSTS / n_signals;
  print_result (self, NULL, 0, 1e9 * n_signals / (double) find_median (times, N_BURSTS),
                "signals/s", cpu_us);
}

static void
note_latest (int64_t *time,
             int64_t  now)
{
  int64_t seen = __atomic_load_n (time, __ATOMIC_SEQ_CST);

  while (now > seen && !__atomic_compare_exchange_n (time, &seen, now, false, __ATOMIC_SEQ_CST,
                                                     __ATOMIC_SEQ_CST))
    continue;
}

/* One process of a crowd: it says that it is ready, waits until all may go, and does its part. */
static void
run_member (const Bench *self,
            Shared      *shared,
            bool         first,
            bool         signals,
            int          ready,
            int          gate)
{
  const BenchPeer *peer = self->peer;
  int n_clients = signals ? BENCH_MAX_CONNECTIONS : 1;
  void *clients[BENCH_MAX_CONNECTIONS];
  int64_t cpu;
  char byte;

  for (int i = 0; i < n_clients; i++)
    {
      clients[i] = peer->open (&self->address);
      peer->get (clients[i]);
      if (signals)
        peer->listen (clients[i]);
    }
  for (int i = 0; !signals && i < scale (self, N_WARM / 5); i++)
    peer->get (clients[0]);
  BENCH_CHECK (write (ready, "R", 1) == 1);
  BENCH_CHECK (read (gate, &byte, 1) == 0);
  cpu = bench_own_cpu ();
  if (first)
    shared->began = bench_now ();
  if (first && signals)
    peer->burst (clients[0], scale (self, N_FAN_SIGNALS));
  if (signals)
    peer->pump (clients, n_clients, scale (self, N_FAN_SIGNALS));
  for (int i = 0; !signals && i < scale (self, N_CROWD_CALLS); i++)
    peer->get (clients[0]);
  note_latest (&shared->ended, bench_now ());
  __atomic_add_fetch (&shared->cpu, bench_own_cpu () - cpu, __ATOMIC_SEQ_CST);
}

static Shared *
start_crowd (const Bench *self,
             int          n_processes,
             bool         signals,
             int         *gate)
{
  Shared *shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                         -1, 0);
  int gates[2], ready[2];
  char byte;

  BENCH_CHECK (shared != MAP_FAILED && pipe (gates) == 0 && pipe (ready) == 0);
  for (int i = 0; i < n_processes; i++)
    {
      if (fork () != 0)
        continue;
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      close (gates[1]);
      run_member (self, shared, i == 0, signals, ready[1], gates[0]);
      _exit (0);
    }
  close (gates[0]);
  close (ready[1]);
  for (int i = 0; i < n_processes; i++)
    BENCH_CHECK (read (ready[0], &byte, 1) == 1);
  close (ready[0]);
  *gate = gates[1];
  return shared;
}

/* W5, W6 */
static void
run_crowd (const Bench *self,
           bool         signals)
{
  int n_processes = signals ? N_FAN_PROCESSES : N_CROWD, gate, status;
  Shared *shared = start_crowd (self, n_processes, signals, &gate);
  int64_t cpu = bench_cpu_of (self->server), began = bench_now ();
  double n = (double) n_processes * (signals ? BENCH_MAX_CONNECTIONS * scale (self, N_FAN_SIGNALS)
                                             : scale (self, N_CROWD_CALLS));
  double seconds;

  close (gate);
  for (int i = 0; i < n_processes; i++)
    BENCH_CHECK (wait (&status) > 0 && status == 0);
  seconds = (double) (shared->ended - (signals ? shared->began : began)) / 1e9;
  cpu = bench_cpu_of (self->server) - cpu + shared->cpu;
  print_result (self, NULL, 0, n / seconds, signals ? "signals/s" : "calls/s",
                (double) cpu / 1e3 / n);
}

/* W7 */
static void
run_starts (const Bench *self)
{
  int64_t times[N_STARTS], sizes[N_STARTS];
  int n = scale (self, N_STARTS);
  long server_size = 0;

  for (int i = 0; i < n; i++)
    {
      int64_t began = bench_now ();
      pid_t pid = bench_spawn ("--client", self->address_text);

      times[i] = bench_now () - began;
      usleep (IDLE_US / self->divisor);
      sizes[i] = bench_rss_of (pid);
      if (i == 0)
        server_size = bench_rss_of (self->server);
      bench_end (pid);
    }
  printf ("{\"peer\": \"%s\", \"transport\": \"%s\", \"workload\": \"W7\", ", self->peer->name,
          self->transport);
  printf ("\"startup_ms\": %.2f, \"client_kib\": %ld, \"server_kib\": %ld}\n",
          (double) find_median (times, n) / 1e6, (long) find_median (sizes, n), server_size);
}

static void
run_workload (const Bench *self)
{
  if (strcmp (self->workload, "W1") == 0)
    run_calls (self, OPERATION_GET, scale (self, N_WARM), scale (self, N_CALLS));
  else if (strcmp (self->workload, "W2") == 0)
    run_calls (self, OPERATION_ECHO, scale (self, N_WARM), scale (self, N_CALLS));
  else if (strcmp (self->workload, "W3") == 0)
    run_calls (self, OPERATION_BIG, scale (self, 3), scale (self, N_BIG));
  else if (strcmp (self->workload, "W3s") == 0)
    run_calls (self, OPERATION_SMALL, scale (self, N_SMALL / 10), scale (self, N_SMALL));
  else if (strcmp (self->workload, "W4") == 0)
    run_signals (self);
  else if (strcmp (self->workload, "W5") == 0)
    run_crowd (self, true);
  else if (strcmp (self->workload, "W6") == 0)
    run_crowd (self, false);
  else if (strcmp (self->workload, "W7") == 0)
    run_starts (self);
  else
    BENCH_CHECK (!"a workload");
}

static _Noreturn void
run_client (const BenchPeer *peer,
            const char      *address_text)
{
  BenchAddress address = bench_parse (address_text);

  peer->get (peer->open (&address));
  bench_ready ();
  for (;;)
    pause ();
}

int
bench_main (const BenchPeer  *peer,
            int               argc,
            char            **argv)
{
  Bench self = { .peer = peer };

  if (argc < 3)
    {
      fprintf (stderr, "Usage: %s tcp|ipc WORKLOAD [DIVISOR]\n", argv[0]);
      return 2;
    }
  self.address = bench_parse (argv[2]);
  if (strcmp (argv[1], "--server") == 0)
    peer->serve (&self.address);
  if (strcmp (argv[1], "--client") == 0)
    run_client (peer, argv[2]);
  self.transport = argv[1];
  self.workload = argv[2];
  self.divisor = argc > 3 && atoi (argv[3]) > 0 ? atoi (argv[3]) : 1;
  bench_pick_address (self.transport, peer->name, self.address_text, sizeof self.address_text);
  self.address = bench_parse (self.address_text);
  self.server = bench_spawn ("--server", self.address_text);
  run_workload (&self);
  fflush (stdout);
  bench_end (self.server);
  if (!self.address.tcp)
    unlink (self.address.path);
  /* What a library does when it is torn down is not to disturb the next run. */
  _exit (0);
}
