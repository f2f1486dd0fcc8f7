/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "plant-rpc-emission-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-link-private.h"

#define FIRST_RETRY_US (50 * 1000)

/* µs between two checks whether the other end acknowledges what was sent. While nothing is under
 * way, keepalive notices a cut cable. */
#define PULSE_US      G_USEC_PER_SEC
#define IDLE_PULSE_US (2 * G_USEC_PER_SEC)

#define LAST_REFUSED_RETRY_US (30 * G_USEC_PER_SEC)

#define PARTING_US (100 * 1000)

typedef enum {
  STATE_STOPPED,    /* never connected, or closed */
  STATE_WAITING,    /* for the time of the next attempt */
  STATE_CONNECTING, /* the dialler makes the connection */
  STATE_OPEN,
  STATE_PARTING,    /* still open, but about to be given up */
} State;

struct _PlantRpcLink {
  char                      *url;        /* (owned) (nullable) */
  char                      *shown_url;  /* (owned) (nullable): without the key of the server */
  char                      *label;      /* (owned) (nullable): of a server without a URL yet */
  const PlantRpcLinkOptions *options;
  const PlantRpcLinkFuncs   *funcs;
  gpointer                   owner;      /* (unowned) */
  PlantRpcLinkPushFunc       push;       /* (nullable) */
  gpointer                   push_owner; /* (unowned) */

  GMainContext    *context;     /* (owned) */
  PlantRpcTimer   *timer;       /* (unowned) */
  PlantRpcDialler *dialler;     /* (owned) */
  PlantRpcConduit *conduit;     /* (owned) (nullable): of this connection */
  State            state;
  PlantRpcAlarm    alarm;       /* the next attempt, or the end of this connection */
  PlantRpcAlarm    pulse;       /* the next check whether the other end acknowledges */
  GError          *parting;     /* (owned) (nullable): why the connection is given up */
  gint64           retry_delay; /* µs */

  PlantRpcPending *pending;       /* (owned) */
  guint64          next_id;
  guint            n_connections; /* so far, and attempts */
  guint64          n_replies;
  guint            n_late;
  guint            n_malformed;
  char            *numeric_url;   /* (owned) (nullable): of the last connection, as the next two */
  char            *own_address;   /* (owned) (nullable) */
  char            *peer_address;  /* (owned) (nullable) */
  gboolean         secured;       /* whether the last connection was */
};

static const PlantRpcDiallerFuncs dialler_funcs;
static const PlantRpcConduitFuncs conduit_funcs;
static void on_alarm (gpointer owner,
                      gint64   now);
static void on_pulse (gpointer owner,
                      gint64   now);

/* ---- life */

static void
clear_link (PlantRpcLink *self)
{
  plant_rpc_pending_free (self->pending);
  g_main_context_unref (self->context);
  g_free (self->numeric_url);
  g_free (self->own_address);
  g_free (self->peer_address);
  g_free (self->label);
  g_free (self->shown_url);
  g_free (self->url);
}

PLANT_RPC_DEFINE_HELD (PlantRpcLink, clear_link)

PlantRpcLink *
plant_rpc_link_new (const char                *url,
                    GMainContext              *context,
                    PlantRpcTimer             *timer,
                    const PlantRpcLinkOptions *options,
                    const PlantRpcLinkFuncs   *funcs,
                    gpointer                   owner)
{
  const PlantRpcChannelOptions channel_options = {
    .name = options->name,
    .type = ZMQ_DEALER,
    .max_unread = options->max_unread,
    .max_frame = options->max_frame,
    /* What was superseded need not be shown, so much is read before. */
    .max_turn = G_MAXUINT,
    .max_held = PLANT_RPC_MAX_UNFINISHED,
    .keepalive = PLANT_RPC_KEEPALIVE_ALERT,
  };
  PlantRpcLink *self = g_rc_box_new0 (PlantRpcLink);

  plant_rpc_link_set_url (self, url);
  self->dialler =
      plant_rpc_dialler_new (&channel_options, context, timer, &dialler_funcs, self);
  self->context = g_main_context_ref (context);
  self->timer = timer;
  self->options = options;
  self->funcs = funcs;
  self->owner = owner;
  self->pending = plant_rpc_pending_new ();
  self->next_id = 1;
  self->retry_delay = FIRST_RETRY_US;
  plant_rpc_alarm_init (&self->alarm, timer, "connection", on_alarm, self);
  plant_rpc_alarm_init (&self->pulse, timer, "pulse", on_pulse, self);
  return self;
}

/* DELAY (µs) is how long the state may last. A negative one is no limit. */
static void
set_state (PlantRpcLink *self,
           State         state,
           gint64        delay)
{
  self->state = state;
  if (delay < 0)
    plant_rpc_alarm_clear (&self->alarm);
  else
    plant_rpc_alarm_set_after (&self->alarm, delay);
}

static void
drop_conduit (PlantRpcLink *self)
{
  plant_rpc_dialler_hang_up (self->dialler);
  g_clear_pointer (&self->conduit, plant_rpc_conduit_free);
  plant_rpc_alarm_clear (&self->pulse);
  g_clear_error (&self->parting);
}

void
plant_rpc_link_close (PlantRpcLink *self)
{
  drop_conduit (self);
  plant_rpc_pending_clear (self->pending);
  set_state (self, STATE_STOPPED, -1);
}

void
plant_rpc_link_free (PlantRpcLink *self)
{
  plant_rpc_link_close (self);
  g_clear_pointer (&self->dialler, plant_rpc_dialler_free);
  release (self);
}

void
plant_rpc_link_set_push_func (PlantRpcLink         *self,
                              PlantRpcLinkPushFunc  func,
                              gpointer              owner)
{
  self->push = func;
  self->push_owner = owner;
}

void
plant_rpc_link_set_url (PlantRpcLink *self,
                        const char   *url)
{
  g_free (self->url);
  self->url = g_strdup (url);
  g_free (self->shown_url);
  self->shown_url = url != NULL ? plant_rpc_endpoint_strip_key (url) : NULL;
}

void
plant_rpc_link_set_keypair (PlantRpcLink    *self,
                            PlantRpcKeypair *keypair)
{
  plant_rpc_dialler_set_keypair (self->dialler, keypair);
  /* The answer to another key tells nothing of this one. */
  if (self->state == STATE_CONNECTING)
    {
      plant_rpc_dialler_hang_up (self->dialler);
      set_state (self, STATE_WAITING, 0);
    }
}

PlantRpcKeypair *
plant_rpc_link_get_keypair (PlantRpcLink *self)
{
  return plant_rpc_dialler_get_keypair (self->dialler);
}

gboolean
plant_rpc_link_is_secured (PlantRpcLink *self)
{
  return self->secured;
}

const char *
plant_rpc_link_get_url (PlantRpcLink *self)
{
  return self->url;
}

void
plant_rpc_link_set_label (PlantRpcLink *self,
                          const char   *label)
{
  g_free (self->label);
  self->label = g_strdup (label);
}

const char *
plant_rpc_link_get_label (PlantRpcLink *self)
{
  if (self->shown_url != NULL)
    return self->shown_url;
  return self->label != NULL ? self->label : "";
}

/* ---- connecting */

/* Half of it at random, so that many clients of a restarted server do not come all at once. A
 * server that does not know the key of this end is not asked as often: somebody has to allow it
 * there. */
static gint64
choose_retry_delay (PlantRpcLink *self,
                    const GError *reason)
{
  gint64 half = self->retry_delay / 2;
  gint64 last = self->options->last_retry;

  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    last = MAX (last, LAST_REFUSED_RETRY_US);
  self->retry_delay = MIN (self->retry_delay * 2, last);
  return half + g_random_int_range (0, (gint32) half + 1);
}

void
plant_rpc_link_start (PlantRpcLink *self)
{
  set_state (self, STATE_WAITING, 0);
}

void
plant_rpc_link_hurry (PlantRpcLink *self)
{
  if (self->state != STATE_WAITING)
    return;
  plant_rpc_link_reset_backoff (self);
  set_state (self, STATE_WAITING, 0);
}

void
plant_rpc_link_connect (PlantRpcLink *self)
{
  drop_conduit (self);
  self->n_connections++;
  set_state (self, STATE_CONNECTING, -1);
  plant_rpc_dialler_dial (self->dialler, self->url);
}

GError *
plant_rpc_link_explain_look_up (PlantRpcLink *self,
                                const GError *former)
{
  return plant_rpc_dialler_explain_look_up (self->dialler, former);
}

static void
note_never_sent (PlantRpcLink *self,
                 GArray       *ids)
{
  for (guint i = 0; i < ids->len; i++)
    plant_rpc_pending_note_unsent (self->pending, g_array_index (ids, guint64, i));
}

static void
fail_pending (PlantRpcLink *self,
              const GError *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) unsent = NULL;

  g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN,
               _("The connection to “%s” was lost before the reply came (%s)"), self->shown_url,
               reason->message);
  g_set_error (&unsent, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT,
               /* Translators: the address of a device, and the reason */
               _("The connection to “%s” was lost before the request was sent (%s)"),
               self->shown_url, reason->message);
  plant_rpc_pending_fail (self->pending, error, unsent);
}

void
plant_rpc_link_disconnect (PlantRpcLink *self,
                           const GError *reason)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  PlantRpcConduit *conduit = g_steal_pointer (&self->conduit);

  /* Nothing that lingers here may reach a server that comes back. */
  if (conduit != NULL)
    {
      g_autoptr (GArray) unsent = plant_rpc_conduit_discard (conduit);

      note_never_sent (self, unsent);
    }
  drop_conduit (self);
  set_state (self, STATE_WAITING, choose_retry_delay (self, reason));
  self->funcs->lost (self->owner, reason);
  fail_pending (self, reason);
}

gboolean
plant_rpc_link_is_started (PlantRpcLink *self)
{
  return self->state != STATE_STOPPED;
}

gboolean
plant_rpc_link_is_open (PlantRpcLink *self)
{
  return self->state == STATE_OPEN || self->state == STATE_PARTING;
}

void
plant_rpc_link_part (PlantRpcLink *self,
                     const GError *reason)
{
  if (self->state != STATE_OPEN)
    return;
  self->parting = g_error_copy (reason);
  set_state (self, STATE_PARTING, PARTING_US);
}

/* A reply that had arrived wins over the loss. A callback may have made the next connection by
 * then. It takes ownership of REASON. */
static void
note_loss (PlantRpcLink *self,
           GError       *reason)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  g_autoptr (GError) owned = reason;
  guint n_connections = self->n_connections;

  if (self->conduit != NULL)
    plant_rpc_conduit_drain (self->conduit);
  if (self->conduit != NULL && self->n_connections == n_connections)
    plant_rpc_link_disconnect (self, owned);
}

static void
on_flooded (gpointer user_data)
{
  PlantRpcLink *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_link_is_open (self) || plant_rpc_pending_expects_large (self->pending))
    return;
  g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT,
               /* Translators: the address of a device */
               _("“%s” sends much that nobody has asked for"), self->shown_url);
  plant_rpc_link_disconnect (self, error);
}

static void
on_pulse (gpointer owner,
          gint64   now)
{
  PlantRpcLink *self = owner;
  PlantRpcPulseState state = plant_rpc_conduit_feel_pulse (self->conduit);
  gboolean calm = state == PLANT_RPC_PULSE_CALM && plant_rpc_pending_get_n (self->pending) == 0;

  plant_rpc_alarm_set (&self->pulse, now + (calm ? IDLE_PULSE_US : PULSE_US));
  if (state != PLANT_RPC_PULSE_LOST)
    plant_rpc_conduit_check_flood (self->conduit);
  else
    note_loss (self, g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                                  /* Translators: the address of a device */
                                  _("“%s” no longer acknowledges what is sent to it"),
                                  self->shown_url));
}

static void
on_alarm (gpointer owner,
          gint64   now)
{
  PlantRpcLink *self = owner;

  switch (self->state)
    {
    case STATE_WAITING:
      plant_rpc_link_connect (self);
      break;
    case STATE_PARTING:
      note_loss (self, g_steal_pointer (&self->parting));
      break;
    case STATE_STOPPED:
    case STATE_CONNECTING:
    case STATE_OPEN:
    default:
      break;
    }
}

void
plant_rpc_link_reset_backoff (PlantRpcLink *self)
{
  self->retry_delay = FIRST_RETRY_US;
}

/* Something could not be sent, so the connection is lost: the link gives it up, unless the monitor
 * reports the loss first. */
static void
note_unsent (PlantRpcLink *self)
{
  g_autoptr (GError) reason =
      g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                   _("The connection to “%s” was closed"), self->shown_url);

  plant_rpc_link_part (self, reason);
}

static void
hasten_pulse (PlantRpcLink *self)
{
  gint64 time = g_get_monotonic_time () + PULSE_US;

  if (self->pulse.time > time)
    plant_rpc_alarm_set (&self->pulse, time);
}

static guint64
add_pending (PlantRpcLink      *self,
             PlantRpcReplyFunc  func,
             gpointer           user_data)
{
  const guint64 id = self->next_id++;

  if (func != NULL)
    plant_rpc_pending_add (self->pending, id, func, user_data);
  return id;
}

guint64
plant_rpc_link_send (PlantRpcLink      *self,
                     GBytes            *payload,
                     PlantRpcReplyFunc  func,
                     gpointer           user_data)
{
  guint64 id;

  g_return_val_if_fail (plant_rpc_link_is_open (self), 0);

  id = add_pending (self, func, user_data);
  hasten_pulse (self);
  if (plant_rpc_conduit_send (self->conduit, id, payload))
    return id;
  plant_rpc_link_forget (self, id);
  note_unsent (self);
  return 0;
}

void
plant_rpc_link_expect_large (PlantRpcLink *self,
                             guint64       id)
{
  plant_rpc_pending_expect_large (self->pending, id);
}

void
plant_rpc_link_forget (PlantRpcLink *self,
                       guint64       id)
{
  plant_rpc_pending_forget (self->pending, id);
}

guint64
plant_rpc_link_count_received (PlantRpcLink *self)
{
  return self->conduit != NULL ? plant_rpc_conduit_count_received (self->conduit) : 0;
}

gboolean
plant_rpc_link_is_waiting (PlantRpcLink *self)
{
  return plant_rpc_pending_get_n (self->pending) > 0;
}

guint64
plant_rpc_link_get_n_replies (PlantRpcLink *self)
{
  return self->n_replies;
}

guint
plant_rpc_link_get_n_late (PlantRpcLink *self)
{
  return self->n_late;
}

guint
plant_rpc_link_get_n_malformed (PlantRpcLink *self)
{
  return self->n_malformed;
}

const char *
plant_rpc_link_get_numeric_url (PlantRpcLink *self)
{
  return self->numeric_url;
}

const char *
plant_rpc_link_get_own_address (PlantRpcLink *self)
{
  return self->own_address;
}

const char *
plant_rpc_link_get_peer_address (PlantRpcLink *self)
{
  return self->peer_address;
}

void
plant_rpc_link_allow_lane (PlantRpcLink *self)
{
  plant_rpc_conduit_allow_lane (self->conduit);
}

static void
take_reply (PlantRpcLink *self,
            guint64       id,
            GBytes       *payload,
            GBytes       *buffer)
{
  PlantRpcPendingCall call;

  self->n_replies++;
  if (self->funcs->heard != NULL)
    self->funcs->heard (self->owner);
  if (plant_rpc_pending_take (self->pending, id, &call))
    {
      call.func (payload, buffer, NULL, call.user_data);
      return;
    }
  self->n_late++;
  if (self->funcs->late != NULL)
    self->funcs->late (self->owner, id, payload, buffer);
}

/* ---- what the conduit tells */

static void
on_received (gpointer  owner,
             guint64   id,
             GBytes   *payload,
             GBytes   *buffer)
{
  PlantRpcLink *self = owner;

  if ((id & PLANT_RPC_PUSH_BIT) != 0 && self->push != NULL)
    self->push (self->push_owner, id & ~PLANT_RPC_PUSH_BIT, payload);
  else if (id > 0 && id < self->next_id)
    take_reply (self, id, payload, buffer);
  else
    self->n_malformed++;
}

static void
on_malformed (gpointer owner)
{
  ((PlantRpcLink *) owner)->n_malformed++;
}

static guint64
on_request (gpointer           owner,
            PlantRpcReplyFunc  func,
            gpointer           user_data)
{
  return add_pending (owner, func, user_data);
}

static void
on_forget (gpointer owner,
           gpointer user_data)
{
  plant_rpc_pending_forget_of (((PlantRpcLink *) owner)->pending, user_data);
}

static void
on_ended (gpointer owner)
{
  PlantRpcLink *self = owner;

  note_loss (self, g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                                _("The connection to “%s” was closed"), self->shown_url));
}

static void
on_unsent (gpointer owner)
{
  note_unsent (owner);
}

static void
on_failed_to_tell (gpointer owner)
{
  PlantRpcLink *self = owner;
  g_autoptr (GError) reason =
      g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
                   /* Translators: the address of a device */
                   _("“%s” does not tell what it has received"), self->shown_url);

  plant_rpc_link_disconnect (self, reason);
}

static const PlantRpcConduitFuncs conduit_funcs = {
  .received = on_received,
  .malformed = on_malformed,
  .request = on_request,
  .forget = on_forget,
  .ended = on_ended,
  .unsent = on_unsent,
  .flooded = on_flooded,
  .failed = on_failed_to_tell,
};

/* ---- what the dialler tells */

static void
on_connected (gpointer         user_data,
              PlantRpcDialled *dialled)
{
  PlantRpcLink *self = user_data;

  self->conduit = plant_rpc_conduit_new (g_steal_pointer (&dialled->channel),
                                         self->options->max_frame, self->context, self->timer,
                                         &conduit_funcs, self);
  g_free (self->numeric_url);
  self->numeric_url = g_steal_pointer (&dialled->url);
  g_free (self->own_address);
  self->own_address = g_steal_pointer (&dialled->own_address);
  g_free (self->peer_address);
  self->peer_address = g_steal_pointer (&dialled->peer_address);
  self->secured = dialled->secured;
  set_state (self, STATE_OPEN, -1);
  plant_rpc_alarm_set_after (&self->pulse, IDLE_PULSE_US);
  self->funcs->opened (self->owner);
}

static void
on_failed (gpointer      user_data,
           const GError *error)
{
  plant_rpc_link_disconnect (user_data, error);
}

static const PlantRpcDiallerFuncs dialler_funcs = {
  .connected = on_connected,
  .failed = on_failed,
};

guint
plant_rpc_link_fill_poll (PlantRpcLink   *self,
                          zmq_pollitem_t *items)
{
  return self->conduit != NULL ? plant_rpc_conduit_fill_poll (self->conduit, items)
                               : plant_rpc_dialler_fill_poll (self->dialler, items);
}

gboolean
plant_rpc_link_is_quiet (PlantRpcLink *self)
{
  return self->conduit != NULL && plant_rpc_conduit_is_quiet (self->conduit);
}

gboolean
plant_rpc_link_has_rest (PlantRpcLink *self)
{
  return self->conduit != NULL && plant_rpc_conduit_has_rest (self->conduit);
}

void
plant_rpc_link_process (PlantRpcLink *self)
{
  if (self->conduit != NULL)
    plant_rpc_conduit_process (self->conduit);
  else
    plant_rpc_dialler_process (self->dialler);
}

void
plant_rpc_link_process_lane (PlantRpcLink *self)
{
  if (self->conduit != NULL)
    plant_rpc_conduit_process_lane (self->conduit);
}
