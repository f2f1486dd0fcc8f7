/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <zmq.h>

#include "plant-rpc-frames-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-public-key-private.h"
#include "plant-rpc-socket-private.h"
#include "plant-rpc-zap-private.h"

#define ZAP_URL     "inproc://zeromq.zap.01"
#define ZAP_VERSION "1.0"

/* Other answers are not given: after 300 the handshake neither fails nor succeeds. */
#define ADMITTED "200"
#define REFUSED  "400"

#define N_FRAMES 7 /* of a question about CURVE */

/* bytes; no frame of libzmq is longer, as the owner chooses the name of the domain */
#define MAX_FRAME 255

struct _PlantRpcZapDomain {
  PlantRpcZapFunc  func;
  gpointer         owner;   /* (unowned) */
  char            *name;    /* (owned) */
  guint            process; /* that the socket belongs to */
};

typedef struct {
  guint n_frames;
  gsize sizes[N_FRAMES];
  char  frames[N_FRAMES][MAX_FRAME + 1]; /* each ends with a NUL */
} Question;

/* The order of the frames of a question. */
enum {
  FRAME_VERSION,
  FRAME_REQUEST_ID,
  FRAME_DOMAIN,
  FRAME_ADDRESS,
  FRAME_IDENTITY,
  FRAME_MECHANISM,
  FRAME_KEY,
};

static GMutex lock;
static GHashTable *domains;   /* (mutex lock) (owned) (nullable) (element-type utf8
                                 PlantRpcZapDomain): by name */
static guint answerer_process; /* (mutex lock): in which a thread answers; 0: none */
static guint n_domains;        /* (mutex lock): made so far */

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_OUTER);
}

/* ---- the thread that answers */

/* Returns FALSE once the context is being terminated. Frames beyond the last one are dropped, and
 * what is longer than a frame can be is cut, so that the question is none of CURVE. */
static gboolean
take_question (void     *socket,
               Question *question)
{
  int more = 1;
  size_t size = sizeof more;

  question->n_frames = 0;
  while (more)
    {
      const guint index = MIN (question->n_frames, N_FRAMES - 1);
      const int length = zmq_recv (socket, question->frames[index], MAX_FRAME, 0);

      if (length < 0 && zmq_errno () == EINTR)
        continue;
      if (length < 0)
        return FALSE;
      question->sizes[index] = (gsize) length;
      question->frames[index][MIN (length, MAX_FRAME)] = '\0';
      question->n_frames++;
      zmq_getsockopt (socket, ZMQ_RCVMORE, &more, &size);
    }
  return TRUE;
}

static gboolean
is_text (const Question *question,
         guint           index,
         const char     *text)
{
  return question->sizes[index] == strlen (text) &&
         memcmp (question->frames[index], text, question->sizes[index]) == 0;
}

static gboolean
is_about_curve (const Question *question)
{
  return question->n_frames == N_FRAMES && is_text (question, FRAME_VERSION, ZAP_VERSION) &&
         is_text (question, FRAME_MECHANISM, "CURVE") &&
         question->sizes[FRAME_KEY] == PLANT_RPC_PUBLIC_KEY_SIZE;
}

/* KEY is set to the key in question. */
static gboolean
decide (const Question *question,
        char           *key)
{
  g_autoptr (GMutexLocker) locker = NULL;
  g_autofree char *address = NULL;
  PlantRpcZapDomain *domain;

  if (!is_about_curve (question))
    return FALSE;
  plant_rpc_public_key_print ((const guint8 *) question->frames[FRAME_KEY], key);
  address = plant_rpc_normalize_address (question->frames[FRAME_ADDRESS]);
  locker = g_mutex_locker_new (&lock);
  domain = domains != NULL ? g_hash_table_lookup (domains, question->frames[FRAME_DOMAIN]) : NULL;
  return domain != NULL && !plant_rpc_init_is_inherited (domain->process) &&
         domain->func (domain->owner, key, address);
}

static void
send_answer (void           *socket,
             const Question *question,
             gboolean        admitted,
             const char     *key)
{
  const gsize id_size = question->n_frames > FRAME_REQUEST_ID ? question->sizes[FRAME_REQUEST_ID]
                                                              : 0;

  zmq_send (socket, ZAP_VERSION, strlen (ZAP_VERSION), ZMQ_SNDMORE);
  zmq_send (socket, question->frames[FRAME_REQUEST_ID], MIN (id_size, MAX_FRAME), ZMQ_SNDMORE);
  zmq_send (socket, admitted ? ADMITTED : REFUSED, strlen (ADMITTED), ZMQ_SNDMORE);
  zmq_send (socket, NULL, 0, ZMQ_SNDMORE);
  zmq_send (socket, key, admitted ? PLANT_RPC_PUBLIC_KEY_LENGTH : 0, ZMQ_SNDMORE);
  zmq_send (socket, NULL, 0, 0);
}

/* It answers until the context of libzmq is terminated, which is when the process ends. */
static gpointer
answer (gpointer socket)
{
  Question question;
  char key[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];

  while (take_question (socket, &question))
    send_answer (socket, &question, decide (&question, key), key);
  zmq_close (socket);
  return NULL;
}

/* ---- its start */

static gboolean
fail (GError **error)
{
  plant_rpc_socket_set_error (error, zmq_errno (), _("Cannot decide who may connect"));
  return FALSE;
}

/* The socket is not counted among those that keep the context, since it waits for its end. */
static void *
open_socket (GError **error)
{
  void *context = plant_rpc_init_acquire_context ();
  void *socket = context != NULL ? zmq_socket (context, ZMQ_REP) : NULL;

  if (socket != NULL && zmq_bind (socket, ZAP_URL) == 0)
    {
      plant_rpc_init_release_context ();
      return socket;
    }
  fail (error);
  if (socket != NULL)
    zmq_close (socket);
  if (context != NULL)
    plant_rpc_init_release_context ();
  return NULL;
}

/* The lock is held. */
static gboolean
start_answering (GError **error)
{
  const int linger = 0;
  void *socket;
  GThread *thread;

  if (answerer_process == plant_rpc_init_get_process ())
    return TRUE;
  socket = open_socket (error);
  if (socket == NULL)
    return FALSE;
  zmq_setsockopt (socket, ZMQ_LINGER, &linger, sizeof linger);
  thread = g_thread_try_new ("plantrpc-zap", answer, socket, error);
  if (thread == NULL)
    {
      zmq_close (socket);
      return FALSE;
    }
  g_thread_unref (thread);
  answerer_process = plant_rpc_init_get_process ();
  return TRUE;
}

/* ---- domains */

PlantRpcZapDomain *
plant_rpc_zap_domain_new (PlantRpcZapFunc   func,
                          gpointer          owner,
                          GError          **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  PlantRpcZapDomain *self;

  if (!start_answering (error))
    return NULL;
  self = g_new0 (PlantRpcZapDomain, 1);
  self->func = func;
  self->owner = owner;
  self->name = g_strdup_printf ("plantrpc-%u", ++n_domains);
  self->process = plant_rpc_init_get_process ();
  if (domains == NULL)
    domains = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_insert (domains, self->name, self);
  return self;
}

void
plant_rpc_zap_domain_free (PlantRpcZapDomain *self)
{
  g_mutex_lock (&lock);
  g_hash_table_remove (domains, self->name);
  if (g_hash_table_size (domains) == 0)
    g_clear_pointer (&domains, g_hash_table_unref);
  g_mutex_unlock (&lock);
  g_free (self->name);
  g_free (self);
}

const char *
plant_rpc_zap_domain_get_name (PlantRpcZapDomain *self)
{
  return self->name;
}
