/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-credit-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-handshake-private.h"
#include "plant-rpc-server-profile-private.h"
#include "plant-rpc-session-private.h"

struct _PlantRpcSession {
  gatomicrefcount             ref_count;
  char                       *url;     /* (owned) */
  GMainContext               *context; /* (owned) */
  const PlantRpcSessionFuncs *funcs;   /* (nullable) */
  gpointer                    owner;   /* (unowned) */

  PlantRpcLink          *link;         /* (owned) */
  PlantRpcSubscription  *subscription; /* (owned) */
  PlantRpcHandshake     *handshake;    /* (owned) */
  gboolean               receives;     /* signals */
  PlantRpcCalls         *calls;        /* (owned) */
  PlantRpcDriver        *driver;       /* (owned) */
  PlantRpcServerProfile *profile;      /* (owned) */
  PlantRpcCredit         credit;

  guint          n_lost;     /* connections and attempts */
  PlantRpcState  state;
  PlantRpcState  good_state; /* READY or MISMATCH: where SUSPECT goes back to */
  PlantRpcWire   wire;
  GError        *error;      /* (owned) (nullable): why it is not ready */
  gboolean       warned;     /* the error is about this connection, which works all the same */
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
  if (self->state == PLANT_RPC_STATE_CLOSED)
    return;
  self->state = state;
  tell_changed (self);
}

static void
set_mismatch (PlantRpcSession *self)
{
  const char *const *missing = plant_rpc_server_profile_get_missing (self->profile);
  g_autofree char *names = g_strjoinv (", ", (char **) missing);
  g_autoptr (GError) error = NULL;

  /* Translators: the address of a device, and names of methods, properties and signals */
  g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_MISMATCH, _("“%s” lacks: %s"), self->url,
               names);
  set_error (self, error);
}

static void
rearm (gpointer user_data)
{
  PlantRpcSession *self = user_data;

  plant_rpc_driver_arm (self->driver);
}

static void
hold (gpointer user_data)
{
  plant_rpc_session_ref (user_data);
}

static void
release (gpointer user_data)
{
  PlantRpcSession *self = user_data;

  rearm (self);
  plant_rpc_session_unref (self);
}

/* ---- of the link */

static void
on_opened (gpointer user_data)
{
  PlantRpcSession *self = user_data;

  plant_rpc_driver_set_awaiting (self->driver, TRUE);
  self->warned = FALSE;
  set_state (self, PLANT_RPC_STATE_CONNECTING);
  if (self->state != PLANT_RPC_STATE_CLOSED)
    plant_rpc_handshake_start (self->handshake);
}

static void
on_lost (gpointer      user_data,
         const GError *reason)
{
  PlantRpcSession *self = user_data;

  if (self->state == PLANT_RPC_STATE_CLOSED)
    return;
  self->n_lost++;
  plant_rpc_driver_set_awaiting (self->driver, FALSE);
  plant_rpc_credit_restart (&self->credit);
  plant_rpc_subscription_end_pushes (self->subscription);
  plant_rpc_handshake_abort (self->handshake);
  plant_rpc_calls_set_link (self->calls, NULL, PLANT_RPC_FORMAT_JSON);
  set_error (self, reason);
  set_state (self, PLANT_RPC_STATE_DISCONNECTED);
}

static void
on_heard (gpointer user_data)
{
  PlantRpcSession *self = user_data;

  plant_rpc_driver_set_awaiting (self->driver, FALSE);
  if (self->state != PLANT_RPC_STATE_SUSPECT)
    return;
  set_error (self, NULL);
  if (self->good_state == PLANT_RPC_STATE_MISMATCH)
    set_mismatch (self);
  set_state (self, self->good_state);
}

static void
on_pushed (gpointer  user_data,
           guint64   sequence,
           GBytes   *payload)
{
  PlantRpcSession *self = user_data;

  plant_rpc_subscription_push (self->subscription, sequence, payload);
}

static const PlantRpcLinkOptions link_options = {
  .name = "[plantrpc] connection",
  .max_unread = PLANT_RPC_MAX_UNREAD_MESSAGES,
  .max_frame = PLANT_RPC_MAX_REPLY_SIZE,
  .last_retry = 2 * G_USEC_PER_SEC,
};

static const PlantRpcLinkFuncs link_funcs = {
  .hold = hold,
  .release = release,
  .opened = on_opened,
  .lost = on_lost,
  .heard = on_heard,
  .rearm = rearm,
  .pushed = on_pushed,
};

/* ---- of the subscription */

static void
on_received (gpointer                user_data,
             const PlantRpcEmission *emission,
             guint64                 sequence,
             gsize                   size)
{
  PlantRpcSession *self = user_data;

  if (self->funcs == NULL)
    return;
  if (sequence > 0)
    sequence = plant_rpc_credit_receive (&self->credit, sequence);
  self->funcs->received (self->owner, emission, sequence, size);
}

static void
on_spent (gpointer user_data,
          guint64  sequence,
          gsize    size)
{
  PlantRpcSession *self = user_data;

  sequence = plant_rpc_credit_receive (&self->credit, sequence);
  plant_rpc_session_acknowledge (self, sequence, size, FALSE);
}

/* A change of a property may have been among those that were lost. */
static void
on_signals_lost (gpointer user_data,
                 guint64  n_lost)
{
  PlantRpcSession *self = user_data;

  if (self->funcs != NULL)
    self->funcs->lost (self->owner, n_lost);
  if (self->state != PLANT_RPC_STATE_CLOSED)
    plant_rpc_handshake_take_snapshot (self->handshake);
}

static void
on_stands (gpointer user_data)
{
  PlantRpcSession *self = user_data;

  plant_rpc_handshake_note_standing (self->handshake);
}

/* The process that sent the signals has closed their connection, while calls still reach a server.
 * Either the loss of that connection follows, or signals must be asked for again. */
static void
on_left (gpointer user_data)
{
  PlantRpcSession *self = user_data;
  g_autoptr (GError) reason = NULL;

  if (self->state == PLANT_RPC_STATE_CLOSED || !plant_rpc_link_is_open (self->link))
    return;
  g_set_error (&reason, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
               _("“%s” no longer sends its signals here"), self->url);
  if (plant_rpc_handshake_note_left (self->handshake, reason))
    return;
  plant_rpc_link_process (self->link);
  if (!plant_rpc_link_is_open (self->link))
    return;
  if (self->state == PLANT_RPC_STATE_CONNECTING || self->wire == PLANT_RPC_WIRE_GENERATION_2 ||
      plant_rpc_handshake_has_kept_signals (self->handshake))
    {
      plant_rpc_link_part (self->link, reason);
      return;
    }
  /* Another client has taken the signals of a generation 1 server. Asking for them again would take
   * them away from that client, and so on for ever. */
  set_error (self, reason);
  tell_changed (self);
}

static const PlantRpcSubscriptionFuncs subscription_funcs = {
  .hold = hold,
  .release = release,
  .received = on_received,
  .spent = on_spent,
  .lost = on_signals_lost,
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
  gboolean mismatch = *plant_rpc_server_profile_get_missing (self->profile) != NULL;

  self->good_state = mismatch ? PLANT_RPC_STATE_MISMATCH : PLANT_RPC_STATE_READY;
  plant_rpc_link_reset_backoff (self->link);
  if (mismatch)
    set_mismatch (self);
  else if (!self->warned)
    set_error (self, NULL);
  /* A handler of the change may make a call and block until it ends. */
  self->state = self->good_state;
  plant_rpc_calls_set_link (self->calls, self->link, format);
  tell_changed (self);
}

static void
on_done (gpointer                       user_data,
         const PlantRpcHandshakeResult *result)
{
  PlantRpcSession *self = user_data;
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

static void
on_warned (gpointer      user_data,
           const GError *error)
{
  PlantRpcSession *self = user_data;

  self->warned = TRUE;
  set_error (self, error);
  tell_changed (self);
}

static const PlantRpcHandshakeFuncs handshake_funcs = {
  .done = on_done,
  .failed = on_failed,
  .warned = on_warned,
  .rearm = rearm,
};

/* ---- of the calls */

static void
on_probed (GBytes       *payload,
           GBytes       *buffer,
           const GError *error,
           gpointer      user_data)
{
  /* Only the arrival of a reply counts, which the link has reported already. */
}

/* Sends a request that each server answers as soon as it can, so that the suspicion ends by
 * itself. */
static void
on_quiet (gpointer user_data)
{
  PlantRpcSession *self = user_data;
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_GET_INVENTORY,
                              .native_version = PLANT_RPC_NATIVE_VERSION };
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_state_is_ready (self->state))
    return;
  payload = plant_rpc_request_pack (&request, NULL);
  plant_rpc_link_send (self->link, payload, on_probed, NULL);
  g_set_error (&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("“%s” does not answer in time"),
               self->url);
  set_error (self, error);
  set_state (self, PLANT_RPC_STATE_SUSPECT);
}

static const PlantRpcCallsFuncs calls_funcs = {
  .rearm = rearm,
  .quiet = on_quiet,
};

/* ---- of the driver */

static void
on_impatient (gpointer user_data)
{
  PlantRpcSession *self = user_data;
  g_autoptr (GError) error = NULL;

  g_set_error (&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
               _("“%s” takes connections, but has not answered yet"), self->url);
  set_error (self, error);
  tell_changed (self);
}

static const PlantRpcDriverFuncs driver_funcs = {
  .hold = hold,
  .release = release,
  .impatient = on_impatient,
};

/* ---- life */

PlantRpcSession *
plant_rpc_session_new (const char            *url,
                       GMainContext          *context,
                       PlantRpcInterfaceInfo *template_info)
{
  PlantRpcSession *self = g_new0 (PlantRpcSession, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->url = g_strdup (url);
  self->receives = TRUE;
  self->context = g_main_context_ref (context);
  self->profile = plant_rpc_server_profile_new (url, template_info);
  self->link = plant_rpc_link_new (url, context, &link_options, &link_funcs, self);
  self->subscription = plant_rpc_subscription_new (url, context, &subscription_funcs, self);
  self->handshake = plant_rpc_handshake_new (url, self->link, self->subscription, template_info,
                                             &handshake_funcs, self);
  self->calls = plant_rpc_calls_new (url, context, self->profile, &calls_funcs, self);
  self->driver = plant_rpc_driver_new (context, self->link, self->subscription, self->handshake,
                                       self->calls, &driver_funcs, self);
  return self;
}

void
plant_rpc_session_set_template (PlantRpcSession       *self,
                                PlantRpcInterfaceInfo *template_info)
{
  plant_rpc_server_profile_set_template (self->profile, template_info);
}

void
plant_rpc_session_set_receives (PlantRpcSession *self,
                                gboolean         receives)
{
  self->receives = receives;
  plant_rpc_handshake_set_receives (self->handshake, receives);
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
  plant_rpc_driver_free (self->driver);
  plant_rpc_server_profile_free (self->profile);
  g_clear_error (&self->error);
  g_main_context_unref (self->context);
  g_free (self->url);
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
  g_autoptr (PlantRpcEndpoint) endpoint = NULL;
  g_autoptr (GError) error = NULL;

  endpoint = plant_rpc_endpoint_parse (self->url, &error);
  if (endpoint != NULL && endpoint->tcp && endpoint->port == 0)
    g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL,
                 _("“%s” names no port to connect to"), self->url);
  else if (endpoint != NULL && g_strcmp0 (endpoint->host, "*") == 0)
    g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL,
                 _("“%s” names no host to connect to"), self->url);
  if (error != NULL)
    {
      set_error (self, error);
      tell_changed (self);
      return;
    }
  self->state = PLANT_RPC_STATE_CONNECTING;
  plant_rpc_link_connect (self->link);
  rearm (self);
}

void
plant_rpc_session_move (PlantRpcSession *self,
                        const char      *url)
{
  g_autoptr (GError) reason = NULL;

  if (self->state == PLANT_RPC_STATE_CLOSED)
    return;
  hold (self);
  g_set_error (&reason, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, _("The device has moved to “%s”"),
               url);
  /* The link has no deadline if it was never started. */
  if (plant_rpc_link_get_deadline (self->link) >= 0)
    plant_rpc_link_disconnect (self->link, reason);
  else
    plant_rpc_session_explain (self, NULL);
  if (self->state != PLANT_RPC_STATE_CLOSED)
    {
      plant_rpc_subscription_restart (self->subscription);
      g_free (self->url);
      self->url = g_strdup (url);
      plant_rpc_link_set_url (self->link, url);
      plant_rpc_subscription_set_url (self->subscription, url);
      plant_rpc_handshake_set_url (self->handshake, url);
      plant_rpc_server_profile_set_url (self->profile, url);
      plant_rpc_calls_set_url (self->calls, url);
      plant_rpc_link_reset_backoff (self->link);
      plant_rpc_session_start (self);
    }
  release (self);
}

static gboolean
is_same_error (const GError *a,
               const GError *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_error_matches (a, b->domain, b->code) && g_str_equal (a->message, b->message);
}

void
plant_rpc_session_explain (PlantRpcSession *self,
                           const GError    *error)
{
  if (self->state == PLANT_RPC_STATE_CLOSED || is_same_error (self->error, error))
    return;
  set_error (self, error);
  tell_changed (self);
}

void
plant_rpc_session_close (PlantRpcSession *self)
{
  if (self->state == PLANT_RPC_STATE_CLOSED)
    return;
  set_state (self, PLANT_RPC_STATE_CLOSED);
  self->funcs = NULL;
  plant_rpc_driver_stop (self->driver);
  plant_rpc_handshake_abort (self->handshake);
  plant_rpc_calls_close (self->calls);
  plant_rpc_subscription_restart (self->subscription);
  plant_rpc_link_close (self->link);
}

void
plant_rpc_session_acknowledge (PlantRpcSession *self,
                               guint64          sequence,
                               gsize            size,
                               gboolean         in_order)
{
  PlantRpcRequest request = { .format = PLANT_RPC_FORMAT_NATIVE,
                              .event = PLANT_RPC_EVENT_CREDIT };
  g_autoptr (GBytes) payload = NULL;

  request.number = plant_rpc_credit_see (&self->credit, sequence, size, in_order,
                                         plant_rpc_subscription_get_sequence (self->subscription));
  if (request.number == 0 || !plant_rpc_link_is_open (self->link))
    return;
  payload = plant_rpc_request_pack (&request, NULL);
  plant_rpc_link_send (self->link, payload, NULL, NULL);
}

guint
plant_rpc_session_refresh (PlantRpcSession *self)
{
  return plant_rpc_handshake_take_snapshot (self->handshake);
}

gint64
plant_rpc_session_get_read_since (PlantRpcSession *self)
{
  return plant_rpc_handshake_get_read_since (self->handshake);
}

guint
plant_rpc_session_get_n_snapshots (PlantRpcSession *self)
{
  return plant_rpc_handshake_get_n_snapshots (self->handshake);
}

gboolean
plant_rpc_session_is_closed (PlantRpcSession *self)
{
  return self->state == PLANT_RPC_STATE_CLOSED;
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

const char *
plant_rpc_session_get_url (PlantRpcSession *self)
{
  return self->url;
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

const char *const *
plant_rpc_session_get_missing (PlantRpcSession *self)
{
  return plant_rpc_server_profile_get_missing (self->profile);
}

const char *
plant_rpc_session_get_name (PlantRpcSession *self)
{
  return plant_rpc_server_profile_get_name (self->profile);
}

const char *
plant_rpc_session_get_own_address (PlantRpcSession *self)
{
  return plant_rpc_link_get_own_address (self->link);
}

const char *
plant_rpc_session_get_peer_address (PlantRpcSession *self)
{
  return plant_rpc_link_get_peer_address (self->link);
}

guint
plant_rpc_session_get_n_late (PlantRpcSession *self)
{
  return plant_rpc_link_get_n_late (self->link);
}

guint
plant_rpc_session_get_n_malformed (PlantRpcSession *self)
{
  return plant_rpc_link_get_n_malformed (self->link) +
         plant_rpc_subscription_get_n_malformed (self->subscription);
}

PlantRpcCalls *
plant_rpc_session_get_calls (PlantRpcSession *self)
{
  return self->calls;
}

PlantRpcDriver *
plant_rpc_session_get_driver (PlantRpcSession *self)
{
  return self->driver;
}
