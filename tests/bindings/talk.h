/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "probe.h"

G_BEGIN_DECLS

#define TALK_CONNECT_MS 20000

/* One conversation with one device. */
typedef struct {
  const char   *url;
  PlantRpcWire  wire;
  gboolean      native;
} Talk;

typedef struct {
  const char  *name;
  void       (*take) (Talk *talk);
} TalkStep;

/* The parts of the conversation; each ends with an empty step. */
extern const TalkStep talk_values[];
extern const TalkStep talk_calls[];
extern const TalkStep talk_kinds[];
extern const TalkStep talk_last[];

/* Runs the main loop until CONDITION holds; it is asked again after a while in any case. */
#define talk_wait(condition)                                                                      \
  G_STMT_START {                                                                                  \
    gint64 talk_end_ = talk_deadline ();                                                          \
    while (!(condition))                                                                          \
      talk_iterate (talk_end_, #condition);                                                       \
  } G_STMT_END

gint64          talk_deadline    (void);
void            talk_iterate     (gint64                end,
                                  const char           *condition);

/* A ready client of a template, or a plain one for G_TYPE_INVALID. */
PlantRpcClient *talk_new_client  (Talk                 *talk,
                                  GType                 template_type);
/* One that has heard a signal: with generation 2 a subscription takes its time. */
PlantRpcClient *talk_new_listener (Talk                *talk,
                                   GType                template_type);

/* A GAsyncReadyCallback whose data is a GAsyncResult **. */
void            talk_keep_result (GObject              *source,
                                  GAsyncResult         *result,
                                  gpointer              user_data);

/* Calls with positional arguments, in GVariant's text format, and blocks. */
GVariant       *talk_try         (PlantRpcClient       *client,
                                  const char           *method,
                                  const char           *args,
                                  GError              **error);
GVariant       *talk_call        (PlantRpcClient       *client,
                                  const char           *method,
                                  const char           *args);
/* Fails unless VALUE, which is taken, is this in GVariant's text format. */
void            talk_assert_text (GVariant             *value,
                                  const char           *text);
/* Fails unless the property is this in GVariant's text format; enumerations are nicks. */
void            talk_assert_property (gpointer          object,
                                      const char       *name,
                                      const char       *text);
gboolean        talk_property_is (gpointer              object,
                                  const char           *name,
                                  const char           *text);
void            talk_set_property (gpointer             object,
                                   const char          *name,
                                   const char          *text);

/* What a signal brought, emission by emission: arguments as GVariant text, or the code of an
 * error. */
typedef struct {
  gpointer   source;    /* (owned) */
  gulong     handler;
  GPtrArray *emissions; /* (owned) (element-type utf8) */
  GError    *error;     /* (owned) (nullable): the last one that was an argument */
} Record;

Record         *record_new       (gpointer              source,
                                  const char           *signal);
void            record_free      (Record               *self);
const char     *record_get_last  (Record               *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Record, record_free)

G_END_DECLS
