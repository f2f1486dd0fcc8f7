/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-calls-private.h"
#include "plant-rpc-inbox-private.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-property.h"
#include "plant-rpc-throttle-private.h"
#include "plant-rpc-waiters-private.h"
#include "plant-rpc-write-queue-private.h"

G_BEGIN_DECLS

/* What the properties of one client have in common. All parts are unowned. */
typedef struct {
  PlantRpcHome       *home;    /* of the client */
  GObject            *client;
  PlantRpcInbox      *inbox;
  PlantRpcWaiters    *waiters;
  PlantRpcWriteQueue *writes;  /* whose function is plant_rpc_property_send_write() */
  PlantRpcCalls      *calls;   /* over which the properties are written */
  guint               n_quiet; /* above 0: nothing may be notified from inside */
} PlantRpcPropertyHost;

/* In the order in which changes are notified: what a widget needs to show the value comes before
 * the value. */
typedef enum {
  PLANT_RPC_PROPERTY_PROP_NAME = 1,
  PLANT_RPC_PROPERTY_PROP_WIRE_NAME,
  PLANT_RPC_PROPERTY_PROP_MINIMUM,
  PLANT_RPC_PROPERTY_PROP_MAXIMUM,
  PLANT_RPC_PROPERTY_PROP_STEP,
  PLANT_RPC_PROPERTY_PROP_UNIT,
  PLANT_RPC_PROPERTY_PROP_DESCRIPTION,
  PLANT_RPC_PROPERTY_PROP_WRITABLE,
  PLANT_RPC_PROPERTY_PROP_STATE,
  PLANT_RPC_PROPERTY_PROP_ERROR,
  PLANT_RPC_PROPERTY_PROP_REFUSAL,
  PLANT_RPC_PROPERTY_PROP_MESSAGE,
  PLANT_RPC_PROPERTY_PROP_MAX_RATE,
  PLANT_RPC_PROPERTY_PROP_VALUE,
} PlantRpcPropertyProperty;

#define PLANT_RPC_PROPERTY_BIT(id)    (1u << (id))
#define PLANT_RPC_PROPERTY_CLIENT_BIT 1u /* the property of the client */
#define PLANT_RPC_PROPERTY_REFUSAL_BITS \
  (PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_REFUSAL) | \
   PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_MESSAGE))
#define PLANT_RPC_PROPERTY_VALUE_BITS \
  (PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_VALUE) | PLANT_RPC_PROPERTY_CLIENT_BIT)

typedef enum {
  PLANT_RPC_PROPERTY_NOTIFY_AT_ONCE,
  PLANT_RPC_PROPERTY_NOTIFY_SOON,   /* at once where it is safe, or else from a later turn of the
                                       loop */
  PLANT_RPC_PROPERTY_NOTIFY_MERGED, /* from a later turn, together with what changes until then */
} PlantRpcPropertyNotify;

/* The read that follows a write which was confirmed without a value. */
typedef enum {
  PLANT_RPC_PROPERTY_READ_NONE,
  PLANT_RPC_PROPERTY_READ_AWAITED,
  PLANT_RPC_PROPERTY_READ_OVERTAKEN, /* awaited, and a change has arrived since it was sent */
} PlantRpcPropertyRead;

/* A question for the value that no write has caused. There is one at a time, since a device may
 * give more reasons to ask than it answers. */
typedef enum {
  PLANT_RPC_PROPERTY_ASK_NONE,
  PLANT_RPC_PROPERTY_ASK_AWAITED,
  PLANT_RPC_PROPERTY_ASK_AGAIN, /* awaited, and there is a reason to ask once more */
} PlantRpcPropertyAsk;

/* What only a property has that was written, was refused, could not be read, or has a limit. Most
 * have none of it. */
typedef struct {
  GValue            device;   /* what the device told last, where that is not what is shown */
  GError           *error;    /* (owned) (nullable): why the device's value is not known */
  GError           *refusal;  /* (owned) (nullable): of the last write */
  GQueue            untold;   /* (element-type GError): refusals, until the value is back */
  PlantRpcWriteSlot writes;   /* those without an outcome yet */
  guint             n_reads;  /* after the last of them, so far */
  guint             n_asked;  /* how often in a row the value was asked for again, since a reply
                                 contradicted a change that came after the request */
  guint             held;     /* bit set of PlantRpcPropertyProperty, until the throttle admits */
  PlantRpcThrottle  throttle; /* of the values that the device sends */
} PlantRpcPropertyExtra;

/* Only the files of the property may use the fields. A client may have a thousand properties, so
 * each field counts. */
struct _PlantRpcProperty {
  GObject       parent_instance;
  PlantRpcHome *home; /* (owned) */

  PlantRpcPropertyInfo  *info;     /* (owned): what is known by now */
  PlantRpcPropertyInfo  *first;    /* (owned): what was known when the property was made, which
                                      gives the name and the type */
  GType                  type;
  GParamSpec            *pspec;    /* (unowned) (nullable): of the client's property */
  PlantRpcPropertyHost  *host;     /* (unowned) (nullable): NULL once detached */

  GValue                 shown;    /* unset until there is one */
  PlantRpcPropertyExtra *extra;    /* (owned) (nullable): NULL while all of it would be zero */
  gint64                 signalled; /* monotonic µs: when its change signal came last; 0: never */
  guint                  dirty;    /* bit set of PlantRpcPropertyProperty */
  guint                  state : 2; /* PlantRpcPropertyState */
  guint                  read : 2; /* PlantRpcPropertyRead: after the last write */
  guint                  ask : 2;  /* PlantRpcPropertyAsk */
  guint                  agrees : 1; /* what the device told last is what is shown, or both are
                                        unset */
  guint                  known : 1; /* 1: what the device told last is its current value; 0: it may
                                       be out of date */
  guint                  live : 1;
  guint                  barred : 1; /* the role of the client does not let it write */
  guint                  lacking : 1; /* the device is there and does not have it */
  guint                  integral : 1; /* the device tells its number without a fraction */
  guint                  unsure : 1; /* one of the writes was confirmed without a value, or what was
                                        read contradicts a change that came meanwhile */
};

/* Returns what the property has beyond the usual, which is all zero if it has nothing. */
const PlantRpcPropertyExtra *
                      plant_rpc_property_peek_extra   (PlantRpcProperty             *self);
/* The same, to be changed. */
PlantRpcPropertyExtra *
                      plant_rpc_property_need_extra   (PlantRpcProperty             *self);
/* TYPE is the type of the property's values. HOST is unowned. */
PlantRpcProperty     *plant_rpc_property_new          (PlantRpcPropertyInfo         *info,
                                                       GType                         type,
                                                       PlantRpcPropertyHost         *host);
/* Returns the wire name of the signal that tells of its changes, or NULL if it has the usual
 * one. */
const char           *plant_rpc_property_get_change_signal
                                                      (PlantRpcProperty             *self);
/* The client has a GObject property for it, whose default is the value until one is shown. */
void                  plant_rpc_property_set_default  (PlantRpcProperty             *self);
/* The host ends. The property keeps its last values. */
void                  plant_rpc_property_detach       (PlantRpcProperty             *self);
/* Takes over limits, step, unit, description and access as the device describes them. */
void                  plant_rpc_property_describe     (PlantRpcProperty             *self,
                                                       PlantRpcPropertyInfo         *info);
/* Converts a value of the device to the declared type, since JSON has few types. CONVERTED may be
 * set even after a failure. The error does not name the property. */
gboolean              plant_rpc_property_convert      (PlantRpcProperty             *self,
                                                       GVariant                     *value,
                                                       GValue                       *converted,
                                                       GError                      **error);
/* Returns the converted value as a GVariant, even if it is beyond the limits of the client's
 * property. Fails with PLANT_RPC_ERROR_PROTOCOL, and the message names the property. */
GVariant             *plant_rpc_property_fit          (PlantRpcProperty             *self,
                                                       GVariant                     *value,
                                                       GError                      **error);
/* Converts a value that is to stand in the client's property. Fails likewise, also for a value that
 * is beyond the limits. */
gboolean              plant_rpc_property_accept       (PlantRpcProperty             *self,
                                                       GVariant                     *value,
                                                       GValue                       *converted,
                                                       GError                      **error);
/* The device has told VALUE. If that is an integer, whole numbers are sent as integers, too. */
void                  plant_rpc_property_note_integral
                                                      (PlantRpcProperty             *self,
                                                       GVariant                     *value);
/* Returns what is sent to the device for VALUE, which has the declared type. */
GVariant             *plant_rpc_property_to_sent      (PlantRpcProperty             *self,
                                                       const GValue                 *value,
                                                       GError                      **error);
/* Sets ADAPTED to VALUE as a device that tells no types would send it. */
void                  plant_rpc_property_adapt        (PlantRpcProperty             *self,
                                                       const GValue                 *value,
                                                       GValue                       *adapted);
/* Returns what g_object_get() gives, or an unset GValue if there is no value yet. */
const GValue         *plant_rpc_property_peek_shown   (PlantRpcProperty             *self);

/* The device has sent a set of values. Until plant_rpc_property_end_doubt() it is open whether this
 * property is among them. */
void                  plant_rpc_property_doubt        (PlantRpcProperty             *self);
/* Returns whether the device has sent a value since then. */
gboolean              plant_rpc_property_is_known     (PlantRpcProperty             *self);
/* Returns the type of the values. */
GType                 plant_rpc_property_get_value_type (PlantRpcProperty           *self);
/* If the device has sent no value, or one that cannot be understood, since
 * plant_rpc_property_doubt(), the value is no longer known. */
void                  plant_rpc_property_end_doubt    (PlantRpcProperty             *self);
/* The value that the device has told last came with its change signal. */
void                  plant_rpc_property_note_signal  (PlantRpcProperty             *self);
/* TIME is in µs of the monotonic clock. */
gboolean              plant_rpc_property_has_signal_since
                                                      (PlantRpcProperty             *self,
                                                       gint64                        time);
/* Sets whether the device is there to take writes. */
void                  plant_rpc_property_set_live     (PlantRpcProperty             *self,
                                                       gboolean                      live);
/* Sets whether the role of the client at a secured server does not let it write the property. */
void                  plant_rpc_property_set_barred   (PlantRpcProperty             *self,
                                                       gboolean                      barred);
/* Returns whether a write would be sent now. */
gboolean              plant_rpc_property_is_writable  (PlantRpcProperty             *self);
/* Sets whether the device is there and does not have the property. If so, its value is not
 * known. */
void                  plant_rpc_property_set_lacking  (PlantRpcProperty             *self,
                                                       gboolean                      lacking);
/* A write has succeeded, so the refusal of a former one no longer matters. */
void                  plant_rpc_property_forget_refusal
                                                      (PlantRpcProperty             *self);
/* Takes a value that the device has sent. If it does not fit the type, or the limits of the
 * client's property, the value is not known afterwards. */
gboolean              plant_rpc_property_told         (PlantRpcProperty             *self,
                                                       GVariant                     *value,
                                                       GError                      **error);
/* The same for a value from a reply, with the ASKED of that PlantRpcReply. A value that a change
 * contradicts is not taken, but asked for again, and TRUE is returned. */
gboolean              plant_rpc_property_answered     (PlantRpcProperty             *self,
                                                       GVariant                     *value,
                                                       gint64                        asked,
                                                       GError                      **error);
/* The device cannot read the property, so its value is not known. If a change came since ASKED, the
 * device is asked for the value again. */
void                  plant_rpc_property_told_failure (PlantRpcProperty             *self,
                                                       const GError                 *error,
                                                       gint64                        asked);
/* Asks the device for the value. */
void                  plant_rpc_property_ask          (PlantRpcProperty             *self);
/* Takes a value that the application sets. While the device has not answered a former one, it
 * waits, and the newest replaces it. */
void                  plant_rpc_property_write        (PlantRpcProperty             *self,
                                                       const GValue                 *value);
/* Sends a value that PROPERTY has put into the queue of its host. */
void                  plant_rpc_property_send_write   (gpointer                      property,
                                                       GVariant                     *value);
/* Takes the outcome of one write. VALUE is the value after it, or NULL if the device does not send
 * it. */
void                  plant_rpc_property_settle       (PlantRpcProperty             *self,
                                                       GVariant                     *value,
                                                       const GError                 *error);
void                  plant_rpc_property_settle_read  (PlantRpcProperty             *self,
                                                       GVariant                     *value);
/* Returns whether a write, or the read after it, is under way. */
gboolean              plant_rpc_property_is_pending   (PlantRpcProperty             *self);

/* BITS have changed. */
void                  plant_rpc_property_mark         (PlantRpcProperty             *self,
                                                       guint                         bits,
                                                       PlantRpcPropertyNotify        notify);
/* The value of the device has changed as BITS tell. */
void                  plant_rpc_property_mark_told    (PlantRpcProperty             *self,
                                                       guint                         bits);
/* The application is told why its write is refused. */
void                  plant_rpc_property_report_refusal
                                                      (PlantRpcProperty             *self,
                                                       const GError                 *error);
/* The throttle of PROPERTY admits what was held. */
void                  plant_rpc_property_release      (gpointer                      property);
/* Fills PROPERTIES by PlantRpcPropertyProperty. */
void                  plant_rpc_property_make_properties
                                                      (GParamSpec                  **properties);
/* What has changed so far is not notified. */
void                  plant_rpc_property_forget_changes
                                                      (PlantRpcProperty             *self);
/* Notifies of what has changed in this object, and in the property of the client. */
void                  plant_rpc_property_notify       (PlantRpcProperty             *self);

G_END_DECLS
