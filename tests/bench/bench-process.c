/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

_Noreturn void
bench_fail (const char *file,
            int         line,
            const char *condition)
{
  fprintf (stderr, "%s:%d: failed: %s (%s)\n", file, line, condition, strerror (errno));
  abort ();
}

void
bench_ready (void)
{
  BENCH_CHECK (write (STDOUT_FILENO, "R", 1) == 1);
}

static int64_t
read_clock (clockid_t clock)
{
  struct timespec time;

  BENCH_CHECK (clock_gettime (clock, &time) == 0);
  return time.tv_sec * INT64_C (1000000000) + time.tv_nsec;
}

int64_t
bench_now (void)
{
  return read_clock (CLOCK_MONOTONIC);
}

int64_t
bench_own_cpu (void)
{
  return read_clock (CLOCK_PROCESS_CPUTIME_ID);
}

int64_t
bench_cpu_of (pid_t pid)
{
  clockid_t clock;

  BENCH_CHECK (clock_getcpuclockid (pid, &clock) == 0);
  return read_clock (clock);
}

long
bench_rss_of (pid_t pid)
{
  char text[256];
  long kib = -1;
  FILE *file;

  snprintf (text, sizeof text, "/proc/%d/status", (int) pid);
  file = fopen (text, "r");
  BENCH_CHECK (file != NULL);
  while (kib < 0 && fgets (text, sizeof text, file) != NULL)
    {
      if (strncmp (text, "VmRSS:", 6) == 0)
        kib = atol (text + 6);
    }
  fclose (file);
  return kib;
}

/* Runs this program again; returns once it has said bench_ready(). */
pid_t
bench_spawn (const char *mode,
             const char *address)
{
  int ends[2];
  char byte;
  pid_t pid;

  BENCH_CHECK (pipe (ends) == 0);
  pid = fork ();
  BENCH_CHECK (pid >= 0);
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      dup2 (ends[1], STDOUT_FILENO);
      close (ends[0]);
      close (ends[1]);
      execlp (program_invocation_name, program_invocation_name, mode, address, (char *) NULL);
      _exit (127);
    }
  close (ends[1]);
  BENCH_CHECK (read (ends[0], &byte, 1) == 1);
  close (ends[0]);
  return pid;
}

void
bench_end (pid_t pid)
{
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
}

static int
find_free_port (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t size = sizeof address;
  int handle = socket (AF_INET, SOCK_STREAM, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  BENCH_CHECK (handle >= 0 && bind (handle, (struct sockaddr *) &address, size) == 0);
  BENCH_CHECK (getsockname (handle, (struct sockaddr *) &address, &size) == 0);
  close (handle);
  return ntohs (address.sin_port);
}

void
bench_pick_address (const char *transport,
                    const char *name,
                    char       *text,
                    size_t      size)
{
  const char *folder = getenv ("TMPDIR") != NULL ? getenv ("TMPDIR") : "/tmp";

  if (strcmp (transport, "tcp") == 0)
    snprintf (text, size, "tcp:%d", find_free_port ());
  else
    snprintf (text, size, "ipc:%s/bench-%s-%d", folder, name, (int) getpid ());
}

BenchAddress
bench_parse (const char *text)
{
  BenchAddress address = { .tcp = strncmp (text, "tcp:", 4) == 0 };

  if (address.tcp)
    address.port = atoi (text + 4);
  snprintf (address.path, sizeof address.path, "%s", text + 4);
  return address;
}
