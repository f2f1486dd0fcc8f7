/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-joining-private.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-role-private.h"
#include "plant-rpc-text-private.h"

/* µs that a server which is connected has for its answer, and how often it is asked */
#define ANSWER_US    (10 * G_USEC_PER_SEC)
#define MAX_ATTEMPTS 3

/* bytes; an error with its text and without a traceback is shorter */
#define MAX_ANSWER (1024 * 1024)

/* µs after which a server that does not know the invitation is asked once more: it may not have
 * read its file again since the invitation was made */
#define READ_US (1200 * 1000)

typedef enum {
  STEP_CLOSED,  /* freed */
  STEP_INVITED, /* connects by the keys of the invitation */
  STEP_WAITING, /* will do so once more */
  STEP_ASKED,   /* has sent its own key */
  STEP_OWN,     /* sees whether its own keys are let in */
} Step;

struct _PlantRpcJoining {
  PlantRpcInvitation   invitation;
  PlantRpcKeypair     *keypair;    /* (owned) */
  char                *name;       /* (owned) */
  char                *shown_url;  /* (owned): without the key */
  PlantRpcTimer       *timer;      /* (owned) */
  GMainContext        *context;    /* (owned) */
  PlantRpcLink        *link;       /* (owned) (nullable): of this step */
  PlantRpcAlarm        alarm;      /* begins, or ends the wait for an answer */
  Step                 step;
  guint                n_attempts;
  GError              *error;      /* (owned) (nullable): why the invitation does not do */
  PlantRpcJoiningFunc  func;
  gpointer             owner;      /* (unowned) */
};

static const PlantRpcLinkOptions link_options = {
  .name = "[plantrpc] joining",
  .max_unread = 16,
  .max_frame = MAX_ANSWER,
  .last_retry = G_USEC_PER_SEC,
};

static const PlantRpcLinkFuncs link_funcs;

static void
clear_joining (PlantRpcJoining *self)
{
  plant_rpc_timer_free (self->timer);
  g_main_context_unref (self->context);
  plant_rpc_invitation_clear (&self->invitation);
  plant_rpc_keypair_unref (self->keypair);
  g_free (self->name);
  g_free (self->shown_url);
  g_clear_error (&self->error);
}

PLANT_RPC_DEFINE_HELD (PlantRpcJoining, clear_joining)

/* ---- its end */

static void
end (PlantRpcJoining *self,
     const GError    *error)
{
  plant_rpc_alarm_clear (&self->alarm);
  self->func (self->owner, error == NULL ? self->invitation.url : NULL, error);
}

/* Takes ownership of ERROR. */
static void
note_error (PlantRpcJoining *self,
            GError          *error)
{
  g_clear_error (&self->error);
  self->error = error;
}

/* ---- its steps */

static void
connect_by (PlantRpcJoining *self,
            Step             step,
            PlantRpcKeypair *keypair)
{
  PlantRpcLink *former = self->link;

  self->step = step;
  plant_rpc_alarm_clear (&self->alarm);
  self->link = plant_rpc_link_new (self->invitation.url, self->context, self->timer, &link_options,
                                   &link_funcs, self);
  plant_rpc_link_set_keypair (self->link, keypair);
  plant_rpc_link_start (self->link);
  g_clear_pointer (&former, plant_rpc_link_free);
}

static void
try_invitation (PlantRpcJoining *self)
{
  self->n_attempts++;
  connect_by (self, STEP_INVITED, self->invitation.pair);
}

static void
try_own (PlantRpcJoining *self)
{
  connect_by (self, STEP_OWN, self->keypair);
}

/* ---- the answer */

static GError *
make_unknown_error (PlantRpcJoining *self)
{
  return g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                      /* Translators: the address of a device */
                      _("“%s” does not know this invitation; it was taken back, or was used or has "
                        "expired some time ago"), self->shown_url);
}

static GError *
explain_outcome (PlantRpcJoining *self,
                 const char      *outcome)
{
  if (g_str_equal (outcome, PLANT_RPC_INVITATION_USED))
    return g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                        /* Translators: the address of a device */
                        _("The invitation to “%s” has been used by somebody else; its owner sees "
                          "by whom, and can revoke that key and invite you again"),
                        self->shown_url);
  if (g_str_equal (outcome, PLANT_RPC_INVITATION_EXPIRED))
    return g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                        /* Translators: the address of a device */
                        _("The invitation to “%s” has expired; ask its owner for another one"),
                        self->shown_url);
  if (g_str_equal (outcome, PLANT_RPC_INVITATION_GONE))
    return make_unknown_error (self);
  return g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
                      /* Translators: the address of a device */
                      _("“%s” does not answer an invitation as a device does"), self->shown_url);
}

static GError *
explain_reply (PlantRpcJoining *self,
               const GError    *error)
{
  g_autofree char *shown = plant_rpc_text_show (error->message);

  return g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE,
                      /* Translators: the address of a device, and what it has answered */
                      _("“%s” lets nobody join by this invitation now: %s"), self->shown_url,
                      shown);
}

static void
take_outcome (PlantRpcJoining *self,
              const char      *outcome)
{
  PlantRpcRole role;

  if (plant_rpc_role_parse (outcome, &role) && role != PLANT_RPC_ROLE_NONE)
    {
      end (self, NULL);
      return;
    }
  note_error (self, explain_outcome (self, outcome));
  try_own (self);
}

static void
on_reply (GBytes       *payload,
          GBytes       *buffer,
          const GError *failure,
          gpointer      user_data)
{
  PlantRpcJoining *self = user_data;
  g_autoptr (Held) held = g_rc_box_acquire (self);
  g_auto (PlantRpcReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  if (payload == NULL || self->step != STEP_ASKED)
    return;
  if (!plant_rpc_reply_unpack (&reply, PLANT_RPC_EVENT_JOIN, FALSE, payload, NULL, &error))
    {
      end (self, error);
    }
  else if (reply.error != NULL)
    {
      error = explain_reply (self, reply.error);
      end (self, error);
    }
  else
    {
      take_outcome (self, g_variant_is_of_type (reply.value, G_VARIANT_TYPE_STRING)
                              ? g_variant_get_string (reply.value, NULL) : "");
    }
}

static void
ask (PlantRpcJoining *self)
{
  const PlantRpcRequest request = {
    .format = PLANT_RPC_FORMAT_NATIVE,
    .event = PLANT_RPC_EVENT_JOIN,
    .key = (char *) plant_rpc_keypair_get_public_key (self->keypair),
    .name = self->name,
  };
  g_autoptr (GBytes) payload = plant_rpc_request_pack (&request, NULL);

  self->step = STEP_ASKED;
  plant_rpc_alarm_set_after (&self->alarm, ANSWER_US);
  plant_rpc_link_send (self->link, payload, on_reply, self);
}

/* ---- the connection */

static void
on_opened (gpointer owner)
{
  PlantRpcJoining *self = owner;

  if (self->step == STEP_OWN)
    end (self, NULL);
  else
    ask (self);
}

/* The error names the key of this end only if it is that which is not known. */
static gboolean
is_refused (const GError    *error,
            PlantRpcKeypair *keypair)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) &&
         strstr (error->message, plant_rpc_keypair_get_public_key (keypair)) != NULL;
}

/* Nobody has to wait until a time is over: it was over when this was noticed. */
static GError *
explain_loss (PlantRpcJoining *self,
              const GError    *reason)
{
  if (!g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_error_copy (reason);
  return g_error_new (G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE,
                      /* Translators: the address of a device */
                      _("There is no answer from “%s”; see whether the device is switched on, and "
                        "in the same network"), self->shown_url);
}

static void
lose_invited (PlantRpcJoining *self,
              const GError    *reason)
{
  g_autoptr (GError) error = NULL;

  if (!is_refused (reason, self->invitation.pair))
    {
      error = explain_loss (self, reason);
      end (self, error);
      return;
    }
  if (self->n_attempts == 1)
    {
      self->step = STEP_WAITING;
      plant_rpc_alarm_set_after (&self->alarm, READ_US);
      return;
    }
  note_error (self, make_unknown_error (self));
  try_own (self);
}

/* After a loss in the middle of it, the invitation may still be good. */
static void
lose_own (PlantRpcJoining *self,
          const GError    *reason)
{
  g_autoptr (GError) error = NULL;

  if (!is_refused (reason, self->keypair))
    error = explain_loss (self, reason);
  else if (self->error == NULL && self->n_attempts < MAX_ATTEMPTS)
    {
      try_invitation (self);
      return;
    }
  else if (self->error == NULL)
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                         /* Translators: the address of a device */
                         _("“%s” has closed the connection instead of an answer; try again"),
                         self->shown_url);
  end (self, error != NULL ? error : self->error);
}

static void
on_lost (gpointer      owner,
         const GError *reason)
{
  PlantRpcJoining *self = owner;
  g_autoptr (Held) held = g_rc_box_acquire (self);

  if (self->step == STEP_INVITED)
    lose_invited (self, reason);
  else if (self->step == STEP_OWN)
    lose_own (self, reason);
  else if (self->step == STEP_ASKED)
    try_own (self);
}

static const PlantRpcLinkFuncs link_funcs = {
  .opened = on_opened,
  .lost = on_lost,
};

/* ---- life */

static void
on_alarm (gpointer owner,
          gint64   now)
{
  PlantRpcJoining *self = owner;
  g_autoptr (Held) held = g_rc_box_acquire (self);

  if (self->step == STEP_WAITING)
    {
      try_invitation (self);
      return;
    }
  note_error (self, g_error_new (G_IO_ERROR, G_IO_ERROR_BUSY,
                                 /* Translators: the address of a device */
                                 _("“%s” is connected and does not answer; it may be busy: try "
                                   "again"), self->shown_url));
  try_own (self);
}

PlantRpcJoining *
plant_rpc_joining_new (const char       *link,
                       PlantRpcKeypair  *keypair,
                       const char       *name,
                       GMainContext     *context,
                       GError          **error)
{
  g_auto (PlantRpcInvitation) invitation = { 0 };
  PlantRpcKeypair *own;
  PlantRpcJoining *self;

  if (!plant_rpc_invitation_parse (&invitation, link, error))
    return NULL;
  own = keypair != NULL ? plant_rpc_keypair_ref (keypair)
                        : plant_rpc_keypair_ensure (PLANT_RPC_USER_KEYPAIR, error);
  if (own == NULL)
    return NULL;
  self = g_rc_box_new0 (PlantRpcJoining);
  self->invitation = invitation;
  invitation = (PlantRpcInvitation) { 0 };
  self->keypair = own;
  self->name = plant_rpc_invitation_make_name (name);
  self->shown_url = plant_rpc_endpoint_strip_key (self->invitation.url);
  self->context = g_main_context_ref (context);
  self->timer = plant_rpc_timer_new (context, "[plantrpc] joining");
  plant_rpc_alarm_init (&self->alarm, self->timer, "answer", on_alarm, self);
  return self;
}

void
plant_rpc_joining_begin (PlantRpcJoining     *self,
                         PlantRpcJoiningFunc  func,
                         gpointer             owner)
{
  self->step = STEP_WAITING;
  self->func = func;
  self->owner = owner;
  plant_rpc_alarm_set_after (&self->alarm, 0);
}

void
plant_rpc_joining_free (PlantRpcJoining *self)
{
  self->step = STEP_CLOSED;
  plant_rpc_alarm_clear (&self->alarm);
  g_clear_pointer (&self->link, plant_rpc_link_free);
  release (self);
}
