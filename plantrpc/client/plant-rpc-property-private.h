/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-property.h"

G_BEGIN_DECLS

typedef struct {
  /* There is something to notify: …_notify() is to be called, at once if NOW, else from a turn of
   * the loop. */
  void (*dirty)   (gpointer           owner,
                   PlantRpcProperty  *property,
                   gboolean           now);
  /* Sends a write; …_settle() follows. */
  void (*write)   (gpointer           owner,
                   PlantRpcProperty  *property,
                   GVariant          *value);
  /* Reads the value after the last write; …_settle_read() follows. */
  void (*reread)  (gpointer           owner,
                   PlantRpcProperty  *property);
  void (*refused) (gpointer           owner,
                   PlantRpcProperty  *property,
                   const GError      *error);
} PlantRpcPropertyFuncs;

typedef enum {
  PLANT_RPC_PROPERTY_PROP_NAME = 1,
  PLANT_RPC_PROPERTY_PROP_WIRE_NAME,
  PLANT_RPC_PROPERTY_PROP_VALUE,
  PLANT_RPC_PROPERTY_PROP_STATE,
  PLANT_RPC_PROPERTY_PROP_WRITABLE,
  PLANT_RPC_PROPERTY_PROP_REFUSAL,
  PLANT_RPC_PROPERTY_PROP_MESSAGE,
  PLANT_RPC_PROPERTY_PROP_MINIMUM,
  PLANT_RPC_PROPERTY_PROP_MAXIMUM,
  PLANT_RPC_PROPERTY_PROP_UNIT,
  PLANT_RPC_PROPERTY_PROP_DESCRIPTION,
} PlantRpcPropertyProperty;

#define PLANT_RPC_PROPERTY_BIT(id)    (1u << (id))
#define PLANT_RPC_PROPERTY_CLIENT_BIT 1u /* the property of the client */

/* For the files of the property alone. */
struct _PlantRpcProperty {
  GObject parent_instance;

  PlantRpcPropertyInfo        *info;  /* (owned): what is known by now */
  char                        *name;  /* (owned): what the client's type calls it */
  GType                        type;
  char                        *variant_type; /* (owned) (nullable): of a GVariant that has one */
  const PlantRpcPropertyFuncs *funcs;
  gpointer                     owner; /* (unowned) (nullable) */

  GValue                device;    /* unset until the device told one */
  gboolean              known;     /* TRUE: DEVICE is the device's current value; FALSE: it may be
                                      out of date */
  GValue                shown;     /* unset until there is one */
  GValue                initial;   /* default of the client's property; unset if there is none */
  PlantRpcPropertyState state;
  gboolean              live;
  gboolean              integral;  /* the device tells its number without a fraction */
  guint                 n_writes;  /* without an outcome yet */
  gboolean              unsure;    /* one of them was confirmed without a value */
  gboolean              rereading; /* after the last of them */
  guint                 n_reads;   /* of that kind, so far */
  gboolean              overtaken; /* a change was told since that read was sent */
  gint64                signalled; /* monotonic µs: when its change signal came last; 0: never */
  GError               *refusal;   /* (owned) (nullable): of the last write */
  GQueue                untold;    /* (element-type GError): refusals, until the value is back */
  guint                 dirty;     /* bit set of PlantRpcPropertyProperty */
};

/* TYPE is the type of the property's values. */
PlantRpcProperty     *plant_rpc_property_new          (PlantRpcPropertyInfo         *info,
                                                       GType                         type,
                                                       const PlantRpcPropertyFuncs  *funcs,
                                                       gpointer                      owner);
/* The client has a property for it, which gives the default of PSPEC while no value is shown. */
void                  plant_rpc_property_set_default  (PlantRpcProperty             *self,
                                                       GParamSpec                   *pspec);
/* The owner goes: the last values stay. */
void                  plant_rpc_property_detach       (PlantRpcProperty             *self);
/* Limits, unit, description and access as the live peer tells them. */
void                  plant_rpc_property_describe     (PlantRpcProperty             *self,
                                                       PlantRpcPropertyInfo         *info);
PlantRpcPropertyInfo *plant_rpc_property_get_info     (PlantRpcProperty             *self);
GType                 plant_rpc_property_get_value_type (PlantRpcProperty           *self);
/* What g_object_get() gives; G_VALUE_INIT while unset. */
const GValue         *plant_rpc_property_peek_shown   (PlantRpcProperty             *self);

/* The device has sent a set of values. Until plant_rpc_property_end_doubt() it is open whether this
 * property is among them. */
void                  plant_rpc_property_doubt        (PlantRpcProperty             *self);
/* If the device has sent no value, or one that cannot be understood, since
 * plant_rpc_property_doubt(), the value is no longer known. */
void                  plant_rpc_property_end_doubt    (PlantRpcProperty             *self);
/* The value that the device has told last came with its change signal. */
void                  plant_rpc_property_note_signal  (PlantRpcProperty             *self);
/* TIME is in µs of the monotonic clock. */
gboolean              plant_rpc_property_has_signal_since
                                                      (PlantRpcProperty             *self,
                                                       gint64                        time);
/* Whether writes are taken. */
void                  plant_rpc_property_set_live     (PlantRpcProperty             *self,
                                                       gboolean                      live);
/* What the device tells. FALSE: it does not fit the type, and nothing changed. */
gboolean              plant_rpc_property_told         (PlantRpcProperty             *self,
                                                       GVariant                     *value,
                                                       GError                      **error);
/* What the application sets. */
void                  plant_rpc_property_write        (PlantRpcProperty             *self,
                                                       const GValue                 *value);
/* The outcome of one write. VALUE (nullable): what the property is after it, where the peer
 * tells. */
void                  plant_rpc_property_settle       (PlantRpcProperty             *self,
                                                       GVariant                     *value,
                                                       const GError                 *error);
void                  plant_rpc_property_settle_read  (PlantRpcProperty             *self,
                                                       GVariant                     *value);
/* Whether a write, or the read after it, is under way. */
gboolean              plant_rpc_property_is_pending   (PlantRpcProperty             *self);

/* Emits what is dirty: of this object, and in CLIENT the property PSPEC (nullable). */
void                  plant_rpc_property_notify       (PlantRpcProperty             *self,
                                                       GObject                      *client,
                                                       GParamSpec                   *pspec);

G_END_DECLS
