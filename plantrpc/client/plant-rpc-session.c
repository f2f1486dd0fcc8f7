/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-handshake-private.h"
#include "plant-rpc-server-profile-private.h"
#include "plant-rpc-session-private.h"

/* ms; until plant_rpc_session_set_patience() */
#define PATIENCE 1000

struct _PlantRpcSession {
  gatomicrefcount             ref_count;
  const PlantRpcSessionFuncs *funcs; /* (nullable) */
  gpointer                    owner; /* (unowned) */

  PlantRpcTimer         *timer;        /* (owned): of the alarms of all parts */
  PlantRpcLink          *link;         /* (owned): knows the URL */
  PlantRpcSubscription  *subscription; /* (owned) */
  PlantRpcHandshake     *handshake;    /* (owned) */
  PlantRpcCalls         *calls;        /* (owned) */
  PlantRpcHeartbeat     *heartbeat;    /* (owned) */
  PlantRpcDriver        *driver;       /* (owned) */
  PlantRpcServerProfile *profile;      /* (owned) */
  PlantRpcAlarm          impatience;   /* set while the first answer on a connection is awaited */
  int                    patience;     /* ms that it may take */
  gboolean               receives;     /* signals */
  gboolean               following;    /* a device, whose URL may not be known yet */

  guint          n_lost;    /* connections and attempts */
  guint          n_vain;    /* attempts with an error for which nobody need wait longer */
  PlantRpcState  state;
  PlantRpcWire   wire;
  GError        *error;     /* (owned) (nullable): why it is not ready, or what it lacks */
  GError        *warning;   /* (owned) (nullable): what this connection lacks, while it works */
};

/* ---- what the owner is told */

static void
tell_changed (PlantRpcSession *self)
{
  if (self->funcs != NULL)
    self->funcs->changed (self->owner);
}

static void
set_error (PlantRpcSession *self,
           const GError    *error)
{
  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
  plant_rpc_calls_set_reason (self->calls, error);
}

static void
set_state (PlantRpcSession *self,
           PlantRpcState    state)
{
  if (self->state != PLANT_RPC_STATE_CLOSED)
    self->state = state;
}

/* The server answers, so the state is READY or MISMATCH, with the error that belongs to it. */
static void
tell_good_state (PlantRpcSession *self)
{
  const char *const *missing = plant_rpc_server_profile_get_missing (self->profile);
  g_autofree char *names = g_strjoinv (", ", (char **) missing);
  g_autoptr (GError) error = NULL;

  if (*missing != NULL)
    /* Translators: the address of a device, and names of methods, properties and signals */
    g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_MISMATCH, _("“%s” lacks: %s"),
                 plant_rpc_link_get_label (self->link), names);
  set_error (self, error != NULL ? error : self->warning);
  set_state (self, *missing != NULL ? PLANT_RPC_STATE_MISMATCH : PLANT_RPC_STATE_READY);
  tell_changed (self);
}

static void
warn (gpointer      user_data,
      const GError *warning)
{
  PlantRpcSession *self = user_data;

  g_clear_error (&self->warning);
  self->warning = g_error_copy (warning);
  set_error (self, warning);
  tell_changed (self);
}

gboolean
plant_rpc_session_is_vain (const GError *reason)
{
  return g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND) ||
         g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

/* Tells those who wait that they wait in vain. */
static void
note_vain (PlantRpcSession *self,
           const GError    *reason)
{
  if (!plant_rpc_session_is_vain (reason))
    return;
  self->n_vain++;
  plant_rpc_calls_end_waiting (self->calls);
}

/* ---- of the link */

static void
on_opened (gpointer user_data)
{
  PlantRpcSession *self = user_data;

  plant_rpc_alarm_set (&self->impatience,
                       g_get_monotonic_time () + (gint64) self->patience * 1000);
  g_clear_error (&self->warning);
  set_state (self, PLANT_RPC_STATE_CONNECTING);
  tell_changed (self);
  plant_rpc_handshake_start (self->handshake, self->receives);
}

static void
on_lost (gpointer      user_data,
         const GError *reason)
{
  g_autoptr (PlantRpcSession) self = plant_rpc_session_ref (user_data);

  if (self->state == PLANT_RPC_STATE_CLOSED)
    return;
  self->n_lost++;
  plant_rpc_alarm_clear (&self->impatience);
  plant_rpc_heartbeat_stop (self->heartbeat);
  plant_rpc_subscription_end_pushes (self->subscription);
  plant_rpc_handshake_abort (self->handshake);
  plant_rpc_calls_pause (self->calls);
  set_error (self, reason);
  set_state (self, PLANT_RPC_STATE_DISCONNECTED);
  tell_changed (self);
  note_vain (self, reason);
}

static void
on_heard (gpointer user_data)
{
  PlantRpcSession *self = user_data;

  plant_rpc_alarm_clear (&self->impatience);
  plant_rpc_heartbeat_note_heard (self->heartbeat);
  if (self->state == PLANT_RPC_STATE_SUSPECT)
    tell_good_state (self);
}

static const PlantRpcLinkOptions link_options = {
  .name = "[plantrpc] connection",
  .max_unread = PLANT_RPC_MAX_UNREAD_MESSAGES,
  .max_frame = PLANT_RPC_MAX_REPLY_SIZE,
  .last_retry = 2 * G_USEC_PER_SEC,
};

static const PlantRpcLinkFuncs link_funcs = {
  .opened = on_opened,
  .lost = on_lost,
  .heard = on_heard,
};

/* ---- of the subscription */

static gboolean
shows_signals (PlantRpcSession *self)
{
  return self->funcs != NULL && self->funcs->signals.received != NULL;
}

static void
note_signals (PlantRpcSession *self)
{
  plant_rpc_heartbeat_note_heard (self->heartbeat);
  if (self->state == PLANT_RPC_STATE_SUSPECT)
    tell_good_state (self);
}

static void
on_received (gpointer                user_data,
             const PlantRpcEmission *emission,
             guint64                 sequence,
             gsize                   size)
{
  PlantRpcSession *self = user_data;

  note_signals (self);
  if (shows_signals (self))
    self->funcs->signals.received (self->owner, emission, sequence, size);
  else if (sequence > 0)
    plant_rpc_subscription_acknowledge (self->subscription, sequence, size, TRUE);
}

static void
on_series (gpointer        user_data,
           PlantRpcSeries *series)
{
  PlantRpcSession *self = user_data;

  note_signals (self);
  if (shows_signals (self))
    self->funcs->signals.series (self->owner, series);
  else
    plant_rpc_subscription_leave_out (self->subscription, series, TRUE);
}

static void
on_together (gpointer user_data,
             gboolean together)
{
  PlantRpcSession *self = user_data;

  if (shows_signals (self))
    self->funcs->signals.together (self->owner, together);
}

/* A change of a property may have been among those that were lost. */
static void
on_signals_lost (gpointer user_data,
                 guint64  n_lost)
{
  g_autoptr (PlantRpcSession) self = plant_rpc_session_ref (user_data);

  if (shows_signals (self))
    self->funcs->signals.lost (self->owner, n_lost);
  if (self->state != PLANT_RPC_STATE_CLOSED)
    plant_rpc_snapshot_renew (plant_rpc_handshake_get_snapshot (self->handshake));
}

static void
on_stands (gpointer user_data)
{
  g_autoptr (PlantRpcSession) self = plant_rpc_session_ref (user_data);

  if (self->warning != NULL && plant_rpc_state_is_ready (self->state))
    {
      g_clear_error (&self->warning);
      tell_good_state (self);
    }
  plant_rpc_handshake_note_standing (self->handshake);
}

/* The process that sent the signals has closed their connection, while calls still reach a server.
 * Either the loss of that connection follows, or signals must be asked for again. */
static void
on_left (gpointer user_data)
{
  g_autoptr (PlantRpcSession) self = plant_rpc_session_ref (user_data);
  g_autoptr (GError) reason = NULL;

  if (!plant_rpc_link_is_open (self->link))
    return;
  g_set_error (&reason, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
               _("“%s” no longer sends its signals here"), plant_rpc_link_get_label (self->link));
  if (plant_rpc_handshake_note_left (self->handshake, reason))
    return;
  plant_rpc_link_process (self->link);
  if (!plant_rpc_link_is_open (self->link))
    return;
  if (self->state == PLANT_RPC_STATE_CONNECTING || self->wire == PLANT_RPC_WIRE_GENERATION_2 ||
      plant_rpc_handshake_has_kept_signals (self->handshake) ||
      plant_rpc_subscription_is_elsewhere (self->subscription))
    {
      plant_rpc_link_part (self->link, reason);
      return;
    }
  /* A client of another process has taken the signals of a generation 1 server. Asking for them
   * again would take them away from that client, and so on for ever. */
  warn (self, reason);
}

static const PlantRpcSubscriptionFuncs subscription_funcs = {
  .signals = {
    .received = on_received,
    .lost = on_signals_lost,
    .together = on_together,
    .series = on_series,
  },
  .stands = on_stands,
  .left = on_left,
};

/* ---- of the handshake */

static PlantRpcWire
tell_wire (PlantRpcSession *self,
           PlantRpcFormat   format)
{
  if (format == PLANT_RPC_FORMAT_NATIVE)
    return PLANT_RPC_WIRE_NATIVE;
  if (plant_rpc_subscription_is_pushed (self->subscription))
    return PLANT_RPC_WIRE_GENERATION_1;
  /* Only the answer to the request for signals tells the generations apart. */
  return self->receives ? PLANT_RPC_WIRE_GENERATION_2 : PLANT_RPC_WIRE_UNKNOWN;
}

static void
become_ready (PlantRpcSession *self,
              PlantRpcFormat   format)
{
  plant_rpc_link_reset_backoff (self->link);
  tell_good_state (self);
  plant_rpc_heartbeat_start (self->heartbeat, format);
  plant_rpc_calls_resume (self->calls, format);
}

static void
on_done (gpointer                       user_data,
         const PlantRpcHandshakeResult *result)
{
  g_autoptr (PlantRpcSession) self = plant_rpc_session_ref (user_data);
  gboolean first = self->state == PLANT_RPC_STATE_CONNECTING;
  guint n_lost = self->n_lost;
  g_autoptr (GError) error = NULL;

  if (first && !plant_rpc_server_profile_learn (self->profile, result->inventory, result->values,
                                                &error))
    {
      plant_rpc_link_disconnect (self->link, error);
      return;
    }
  if (first)
    self->wire = tell_wire (self, result->format);
  if (self->funcs != NULL)
    self->funcs->snapshot (self->owner, result->values);
  /* A handler of the values may have run a loop, in which the connection was lost. */
  if (self->state == PLANT_RPC_STATE_CONNECTING && self->n_lost == n_lost)
    become_ready (self, result->format);
}

static void
on_failed (gpointer      user_data,
           const GError *error)
{
  PlantRpcSession *self = user_data;

  plant_rpc_link_disconnect (self->link, error);
}

static const PlantRpcHandshakeFuncs handshake_funcs = {
  .done = on_done,
  .failed = on_failed,
  .warned = warn,
};

/* ---- a server that does not answer */

static void
suspect (gpointer user_data)
{
  PlantRpcSession *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_state_is_ready (self->state))
    return;
  g_set_error (&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("“%s” does not answer in time"),
               plant_rpc_link_get_label (self->link));
  set_error (self, error);
  set_state (self, PLANT_RPC_STATE_SUSPECT);
  tell_changed (self);
}

/* The server is asked, so that the suspicion ends by itself. */
static void
on_quiet (gpointer user_data)
{
  PlantRpcSession *self = user_data;

  if (plant_rpc_state_is_ready (self->state))
    plant_rpc_heartbeat_ask (self->heartbeat);
  suspect (self);
}

static void
on_dead (gpointer user_data)
{
  PlantRpcSession *self = user_data;
  g_autoptr (GError) reason =
      g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                   /* Translators: the address of a device */
                   _("“%s” no longer answers on this connection"),
                   plant_rpc_link_get_label (self->link));

  plant_rpc_link_disconnect (self->link, reason);
}

static const PlantRpcHeartbeatFuncs heartbeat_funcs = { .silent = suspect, .dead = on_dead };

/* ---- life */

static void
on_impatient (gpointer owner,
              gint64   now)
{
  PlantRpcSession *self = owner;
  g_autoptr (GError) error = NULL;

  g_set_error (&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
               _("“%s” takes connections, but has not answered yet"),
               plant_rpc_link_get_label (self->link));
  set_error (self, error);
  tell_changed (self);
}

PlantRpcSession *
plant_rpc_session_new (GMainContext *context)
{
  PlantRpcSession *self = g_new0 (PlantRpcSession, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->receives = TRUE;
  self->patience = PATIENCE;
  self->timer = plant_rpc_timer_new (context, "[plantrpc] deadlines");
  self->profile = plant_rpc_server_profile_new ();
  self->link = plant_rpc_link_new (NULL, context, self->timer, &link_options, &link_funcs, self);
  self->subscription = plant_rpc_subscription_new (self->link, context, self->timer,
                                                   &subscription_funcs, self);
  self->handshake = plant_rpc_handshake_new (self->link, self->subscription, self->profile,
                                             self->timer, &handshake_funcs, self);
  self->calls = plant_rpc_calls_new (self->link, context, self->timer, self->profile, on_quiet,
                                     self);
  self->heartbeat = plant_rpc_heartbeat_new (self->link, context, self->timer, &heartbeat_funcs,
                                             self);
  self->driver = plant_rpc_driver_new (context, self->link, self->subscription, self->timer);
  plant_rpc_alarm_init (&self->impatience, self->timer, "impatience", on_impatient, self);
  return self;
}

void
plant_rpc_session_set_receives (PlantRpcSession *self,
                                gboolean         receives)
{
  self->receives = receives;
}

void
plant_rpc_session_follow (PlantRpcSession *self,
                          const char      *label)
{
  plant_rpc_link_set_label (self->link, label);
  self->following = TRUE;
  if (plant_rpc_link_is_started (self->link))
    return;
  plant_rpc_link_set_url (self->link, NULL);
  plant_rpc_session_explain (self, NULL);
}

gboolean
plant_rpc_session_has_server (PlantRpcSession *self)
{
  return self->following || plant_rpc_link_get_url (self->link) != NULL;
}

void
plant_rpc_session_set_patience (PlantRpcSession *self,
                                int              ms)
{
  const gint64 longer = (gint64) (ms - self->patience) * 1000;

  self->patience = ms;
  if (self->impatience.time >= 0)
    plant_rpc_alarm_set (&self->impatience, self->impatience.time + longer);
}

int
plant_rpc_session_get_patience (PlantRpcSession *self)
{
  return self->patience;
}

PlantRpcSession *
plant_rpc_session_ref (PlantRpcSession *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
plant_rpc_session_unref (PlantRpcSession *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  plant_rpc_session_close (self);
  plant_rpc_calls_free (self->calls);
  plant_rpc_handshake_free (self->handshake);
  plant_rpc_subscription_free (self->subscription);
  plant_rpc_link_free (self->link);
  plant_rpc_heartbeat_free (self->heartbeat);
  plant_rpc_driver_free (self->driver);
  plant_rpc_server_profile_free (self->profile);
  plant_rpc_timer_free (self->timer);
  g_clear_error (&self->warning);
  g_clear_error (&self->error);
  g_free (self);
}

void
plant_rpc_session_set_owner (PlantRpcSession            *self,
                             const PlantRpcSessionFuncs *funcs,
                             gpointer                    owner)
{
  self->funcs = funcs;
  self->owner = owner;
}

void
plant_rpc_session_start (PlantRpcSession *self)
{
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_endpoint_check_peer (plant_rpc_link_get_label (self->link), &error))
    {
      set_error (self, error);
      tell_changed (self);
      return;
    }
  set_state (self, PLANT_RPC_STATE_CONNECTING);
  plant_rpc_link_connect (self->link);
}

void
plant_rpc_session_move (PlantRpcSession *self,
                        const char      *url)
{
  g_autoptr (PlantRpcSession) held = plant_rpc_session_ref (self);
  g_autoptr (GError) reason = NULL;

  if (self->state == PLANT_RPC_STATE_CLOSED)
    return;
  g_set_error (&reason, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, _("The device has moved to “%s”"),
               url);
  if (plant_rpc_link_is_started (self->link))
    plant_rpc_link_disconnect (self->link, reason);
  else
    plant_rpc_session_explain (self, NULL);
  if (self->state == PLANT_RPC_STATE_CLOSED)
    return;
  plant_rpc_subscription_restart (self->subscription);
  plant_rpc_link_set_url (self->link, url);
  plant_rpc_link_reset_backoff (self->link);
  plant_rpc_session_start (self);
}

void
plant_rpc_session_explain (PlantRpcSession *self,
                           const GError    *error)
{
  if (self->state == PLANT_RPC_STATE_CLOSED || plant_rpc_error_equal (self->error, error))
    return;
  set_error (self, error);
  tell_changed (self);
  note_vain (self, error);
}

void
plant_rpc_session_close (PlantRpcSession *self)
{
  if (self->state == PLANT_RPC_STATE_CLOSED)
    return;
  set_state (self, PLANT_RPC_STATE_CLOSED);
  tell_changed (self);
  self->funcs = NULL;
  plant_rpc_alarm_clear (&self->impatience);
  plant_rpc_heartbeat_stop (self->heartbeat);
  plant_rpc_handshake_abort (self->handshake);
  plant_rpc_calls_close (self->calls);
  plant_rpc_subscription_restart (self->subscription);
  plant_rpc_link_close (self->link);
}

gboolean
plant_rpc_session_get_receives (PlantRpcSession *self)
{
  return self->receives;
}

PlantRpcState
plant_rpc_session_get_state (PlantRpcSession *self)
{
  return self->state;
}

const GError *
plant_rpc_session_get_error (PlantRpcSession *self)
{
  return self->error;
}

guint
plant_rpc_session_get_n_vain (PlantRpcSession *self)
{
  return self->n_vain;
}

PlantRpcWire
plant_rpc_session_get_wire (PlantRpcSession *self)
{
  return self->wire;
}

PlantRpcInterfaceInfo *
plant_rpc_session_get_interface (PlantRpcSession *self)
{
  return plant_rpc_server_profile_get_interface (self->profile);
}

guint
plant_rpc_session_get_n_malformed (PlantRpcSession *self)
{
  return plant_rpc_link_get_n_malformed (self->link) +
         plant_rpc_subscription_get_n_malformed (self->subscription);
}

PlantRpcLink *
plant_rpc_session_get_link (PlantRpcSession *self)
{
  return self->link;
}

PlantRpcServerProfile *
plant_rpc_session_get_profile (PlantRpcSession *self)
{
  return self->profile;
}

PlantRpcCalls *
plant_rpc_session_get_calls (PlantRpcSession *self)
{
  return self->calls;
}

PlantRpcHeartbeat *
plant_rpc_session_get_heartbeat (PlantRpcSession *self)
{
  return self->heartbeat;
}

PlantRpcDriver *
plant_rpc_session_get_driver (PlantRpcSession *self)
{
  return self->driver;
}

PlantRpcSnapshot *
plant_rpc_session_get_snapshot (PlantRpcSession *self)
{
  return plant_rpc_handshake_get_snapshot (self->handshake);
}

PlantRpcSubscription *
plant_rpc_session_get_subscription (PlantRpcSession *self)
{
  return self->subscription;
}
