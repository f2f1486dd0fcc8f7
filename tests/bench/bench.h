/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* One harness for every rival, so that all do the same work; the README beside tells what that is.
 *
 * A rival fills in a BenchPeer and ends with BENCH_MAIN (peer). The program runs itself once more
 * as the server, drives one workload from the client's side and prints one JSON line. */

#define BENCH_PROPERTY  "mode"
#define BENCH_VALUE     "STILL"

/* W2: this dictionary, in whatever form the rival gives a dictionary. */
#define BENCH_ARGS_JSON                                                                    \
  "{\"x\":123.456,\"y\":-78.9,\"z\":12.25,\"pan\":90.5,\"tilt\":15.5,\"gain\":1.5,"         \
  "\"timeout_s\":2.5,\"exposure_us\":16667,\"flash\":true,\"format\":\"jpeg\","            \
  "\"name\":\"real_plant_0042\",\"mode\":\"STILL\",\"tags\":[\"rgb\",\"scan\",\"top\"]}"
#define BENCH_ARG_NAME  "real_plant_0042"
#define BENCH_ARG_X     123.456

/* W3: this dictionary goes with the buffer. */
#define BENCH_INFO_JSON "{\"format\":\"raw\",\"width\":4096,\"height\":2048,\"rotation\":0}"
#define BENCH_WIDTH     4096
#define BENCH_HEIGHT    2048

#define BENCH_BIG       (24 << 20) /* bytes */
#define BENCH_SMALL     (100 << 10)

#define BENCH_MAX_CONNECTIONS 10 /* of one process */

typedef struct {
  bool tcp;
  int  port;
  char path[100];
} BenchAddress;

typedef struct {
  const char *name;
  /* Calls bench_ready() once it listens; never returns. */
  void  (*serve)  (const BenchAddress *address);
  /* Connects one client. */
  void *(*open)   (const BenchAddress *address);
  /* Gets BENCH_PROPERTY and checks BENCH_VALUE. */
  void  (*get)    (void *client);
  /* Has the dictionary returned and checks "name" and "x". */
  void  (*echo)   (void *client);
  /* Fetches a buffer, checks "width" and calls bench_touch(). */
  void  (*fetch)  (void *client, bool big);
  /* Subscribes; no later signal is missed once it returns. */
  void  (*listen) (void *client);
  /* Has the server emit the integers from 0 to N - 1 to every subscriber. */
  void  (*burst)  (void *client, int n);
  /* Runs until the callback of each of the clients has run N times. */
  void  (*pump)   (void **clients, int n_clients, int n);
} BenchPeer;

#define BENCH_CHECK(condition)                                                              \
  do                                                                                        \
    {                                                                                       \
      if (!(condition))                                                                     \
        bench_fail (__FILE__, __LINE__, #condition);                                        \
    }                                                                                       \
  while (0)

_Noreturn void bench_fail         (const char         *file,
                                   int                 line,
                                   const char         *condition);
void           bench_ready        (void);
uint8_t       *bench_buffer       (void);
void           bench_touch        (const void         *data,
                                   size_t              size,
                                   size_t              expected);
int            bench_main         (const BenchPeer    *peer,
                                   int                 argc,
                                   char              **argv);

/* Of the harness itself: processes and what they cost. */
int64_t        bench_now          (void);
int64_t        bench_own_cpu      (void);
int64_t        bench_cpu_of       (pid_t               pid);
long           bench_rss_of       (pid_t               pid);
pid_t          bench_spawn        (const char         *mode,
                                   const char         *address);
void           bench_end          (pid_t               pid);
void           bench_pick_address (const char         *transport,
                                   const char         *name,
                                   char               *text,
                                   size_t              size);
BenchAddress   bench_parse        (const char         *text);

#define BENCH_MAIN(peer)                                                                    \
  int                                                                                       \
  main (int    argc,                                                                        \
        char **argv)                                                                        \
  {                                                                                         \
    return bench_main (&(peer), argc, argv);                                                \
  }
