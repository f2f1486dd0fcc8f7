/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* When preloaded, this module secures each TCP socket of libzmq by CURVE that its owner has left
 * open: whoever listens has one pair of keys, and whoever connects has another. So the tests run
 * over CURVE that know nothing of it. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zmq.h>

/* libzmq has the option, and its header declares it only for drafts. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/* bytes by which CURVE makes each frame longer */
#define FRAME_OVERHEAD 33

typedef struct {
  const char *public_key;
  const char *secret_key;
} Pair;

/* These are the pairs in the manual of libzmq, zmq_curve(7). */
static const Pair server = {
  "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
  "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6",
};
static const Pair client = {
  "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
  "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
};

static int
get_int (void *socket,
         int   option)
{
  int value = -1;
  size_t size = sizeof value;

  return zmq_getsockopt (socket, option, &value, &size) == 0 ? value : -1;
}

static void
set_text (void       *socket,
          int         option,
          const char *text)
{
  zmq_setsockopt (socket, option, text, strlen (text) + 1);
}

/* A ZMQ_STREAM socket speaks no ZMTP. */
static bool
is_open (void       *socket,
         const char *endpoint)
{
  return strncmp (endpoint, "tcp:", 4) == 0 && get_int (socket, ZMQ_TYPE) != ZMQ_STREAM &&
         get_int (socket, ZMQ_MECHANISM) == ZMQ_NULL;
}

/* The limit is for what is sealed. */
static void
widen_limit (void *socket)
{
  int64_t limit = -1;
  size_t size = sizeof limit;

  if (zmq_getsockopt (socket, ZMQ_MAXMSGSIZE, &limit, &size) != 0 || limit < 0)
    return;
  limit += FRAME_OVERHEAD;
  zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &limit, size);
}

int
zmq_bind (void       *socket,
          const char *endpoint)
{
  int (*bind) (void *, const char *) = (int (*) (void *, const char *)) dlsym (RTLD_NEXT,
                                                                              "zmq_bind");
  const int yes = 1;

  if (!is_open (socket, endpoint))
    return bind (socket, endpoint);
  zmq_setsockopt (socket, ZMQ_CURVE_SERVER, &yes, sizeof yes);
  set_text (socket, ZMQ_CURVE_SECRETKEY, server.secret_key);
  /* With an empty domain that is enforced, nobody is asked who may connect. */
  zmq_setsockopt (socket, ZMQ_ZAP_ENFORCE_DOMAIN, &yes, sizeof yes);
  widen_limit (socket);
  return bind (socket, endpoint);
}

int
zmq_connect (void       *socket,
             const char *endpoint)
{
  int (*connect) (void *, const char *) = (int (*) (void *, const char *)) dlsym (RTLD_NEXT,
                                                                                 "zmq_connect");

  if (!is_open (socket, endpoint))
    return connect (socket, endpoint);
  set_text (socket, ZMQ_CURVE_SERVERKEY, server.public_key);
  set_text (socket, ZMQ_CURVE_PUBLICKEY, client.public_key);
  set_text (socket, ZMQ_CURVE_SECRETKEY, client.secret_key);
  widen_limit (socket);
  return connect (socket, endpoint);
}
