/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-property-private.h"

G_BEGIN_DECLS

/* A property whose host keeps the writes and refusals, and notifies when the test says so. The
 * linker replaces what the property calls: see test_property_args in meson.build. */
typedef struct {
  PlantRpcPropertyHost   host;
  PlantRpcInterfaceInfo *info;     /* (owned) */
  PlantRpcProperty      *property; /* (owned) */
  GPtrArray             *writes;   /* (owned) (element-type utf8) */
  GPtrArray             *refusals; /* (owned) (element-type utf8): with the value shown then */
  guint                  n_reads;
  guint                  n_dirty;
  guint                  n_now;
  guint                  n_value;  /* notifications of the value */
  PlantRpcCallFunc       asked;    /* (nullable): of a read that no write has caused */
  gpointer               data;     /* for it */
  gboolean               fail;     /* writes fail at once */
  gboolean               lost;     /* there is no connection */
} TestProperty;

#define assert_shown(self, expected)                                        \
  G_STMT_START                                                              \
    {                                                                       \
      g_autofree char *test_shown = test_property_print_shown (self);       \
                                                                            \
      g_assert_cmpstr (test_shown, ==, expected);                           \
    }                                                                       \
  G_STMT_END

#define assert_state(self, expected)                                                  \
  g_assert_cmpint (plant_rpc_property_get_state ((self)->property), ==,               \
                   PLANT_RPC_PROPERTY_STATE_##expected)

/* The property “angle”; FORM describes it in JSON. */
TestProperty *test_property_new           (const char   *form);
/* An integer whose device is ready, that shows 10 and has nothing left to notify. */
TestProperty *test_property_new_live      (void);
void          test_property_free          (TestProperty *self);
/* Returns the shown value as text, or “unset”. */
char         *test_property_print_shown   (TestProperty *self);

/* The device sends NUMBER. */
void          test_property_tell          (TestProperty *self,
                                           int           number);
/* The application writes NUMBER. */
void          test_property_write_int     (TestProperty *self,
                                           int           number);
/* A write ends. NUMBER is the value after it, negative if the device does not send it; REFUSAL
 * (nullable) is the error. */
void          test_property_settle        (TestProperty *self,
                                           int           number,
                                           const char   *refusal);
/* The read after the writes ends with NUMBER. */
void          test_property_settle_read   (TestProperty *self,
                                           int           number);
/* The read that no write has caused, and that was sent at ASKED, ends with NUMBER. */
void          test_property_reply         (TestProperty *self,
                                           int           number,
                                           gint64        asked);
/* Notifies of all changes. Returns how often the value has been notified since the last time. */
guint         test_property_take_notified (TestProperty *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestProperty, test_property_free)

G_END_DECLS
