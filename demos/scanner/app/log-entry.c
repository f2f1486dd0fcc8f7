/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log-entry.h"

#include <plantrpc/plantrpc.h>

/* One line of the log. A call is one line from its beginning to its outcome, and the same call made
 * again right after it is the same line, counted. */
struct _ScannerLogEntry
{
  GObject parent_instance;

  char           *device;  /* (owned) */
  char           *title;   /* (owned) */
  char           *outcome; /* (owned) (nullable): NULL while there is none */
  char           *time;    /* (owned) */
  ScannerLogKind  kind;
  gboolean        failed;
  guint           count;
};

typedef enum
{
  PROP_DEVICE = 1,
  PROP_TITLE,
  PROP_OUTCOME,
  PROP_TIME,
  PROP_KIND,
  PROP_FAILED,
  PROP_COUNT,
} ScannerLogEntryProperty;

static GParamSpec *properties[PROP_COUNT + 1];

G_DEFINE_ENUM_TYPE (ScannerLogKind, scanner_log_kind,
                    G_DEFINE_ENUM_VALUE (SCANNER_LOG_CALL, "call"),
                    G_DEFINE_ENUM_VALUE (SCANNER_LOG_SIGNAL, "signal"),
                    G_DEFINE_ENUM_VALUE (SCANNER_LOG_CHANGE, "change"),
                    G_DEFINE_ENUM_VALUE (SCANNER_LOG_STATE, "state"))

G_DEFINE_FINAL_TYPE (ScannerLogEntry, scanner_log_entry, G_TYPE_OBJECT)

static void
scanner_log_entry_finalize (GObject *object)
{
  ScannerLogEntry *self = SCANNER_LOG_ENTRY (object);

  g_free (self->device);
  g_free (self->title);
  g_free (self->outcome);
  g_free (self->time);
  G_OBJECT_CLASS (scanner_log_entry_parent_class)->finalize (object);
}

static void
scanner_log_entry_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  ScannerLogEntry *self = SCANNER_LOG_ENTRY (object);

  switch ((ScannerLogEntryProperty) prop_id)
    {
    case PROP_DEVICE:
      g_value_take_string (value, plant_rpc_text_escape (self->device));
      break;
    case PROP_TITLE:
      g_value_take_string (value, plant_rpc_text_escape (self->title));
      break;
    case PROP_OUTCOME:
      g_value_set_string (value, self->outcome);
      break;
    case PROP_TIME:
      g_value_set_string (value, self->time);
      break;
    case PROP_KIND:
      g_value_set_enum (value, self->kind);
      break;
    case PROP_FAILED:
      g_value_set_boolean (value, self->failed);
      break;
    case PROP_COUNT:
      g_value_set_uint (value, self->count);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_log_entry_class_init (ScannerLogEntryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = scanner_log_entry_finalize;
  object_class->get_property = scanner_log_entry_get_property;

  properties[PROP_DEVICE] = g_param_spec_string ("device", NULL, NULL, NULL, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_OUTCOME] = g_param_spec_string ("outcome", NULL, NULL, NULL, flags);
  properties[PROP_TIME] = g_param_spec_string ("time", NULL, NULL, NULL, flags);
  properties[PROP_KIND] = g_param_spec_enum ("kind", NULL, NULL, SCANNER_TYPE_LOG_KIND,
                                             SCANNER_LOG_CALL, flags);
  properties[PROP_FAILED] = g_param_spec_boolean ("failed", NULL, NULL, FALSE, flags);
  properties[PROP_COUNT] = g_param_spec_uint ("count", NULL, NULL, 1, G_MAXUINT, 1, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
scanner_log_entry_init (ScannerLogEntry *self)
{
  self->count = 1;
}

static char *
tell_time (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  return g_date_time_format (now, "%T");
}

ScannerLogEntry *
scanner_log_entry_new (const char     *device,
                       ScannerLogKind  kind,
                       const char     *title)
{
  ScannerLogEntry *self = g_object_new (SCANNER_TYPE_LOG_ENTRY, NULL);

  self->device = g_strdup (device);
  self->title = g_strdup (title);
  self->time = tell_time ();
  self->kind = kind;
  return self;
}

void
scanner_log_entry_set_outcome (ScannerLogEntry *self,
                               const char      *outcome,
                               gboolean         failed)
{
  g_free (self->outcome);
  self->outcome = plant_rpc_text_escape (outcome);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OUTCOME]);
  if (self->failed == failed)
    return;
  self->failed = failed;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FAILED]);
}

void
scanner_log_entry_repeat (ScannerLogEntry *self)
{
  g_free (self->time);
  self->time = tell_time ();
  self->count++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIME]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COUNT]);
}

/* Whether another entry of that kind and title would repeat this one. A failure stands for
 * itself. */
gboolean
scanner_log_entry_is_repeated (ScannerLogEntry *self,
                               ScannerLogKind   kind,
                               const char      *title)
{
  return self->kind == kind && !self->failed && g_str_equal (self->title, title);
}

const char *
scanner_log_entry_get_device (ScannerLogEntry *self)
{
  return self->device;
}

const char *
scanner_log_entry_get_title (ScannerLogEntry *self)
{
  return self->title;
}

const char *
scanner_log_entry_get_outcome (ScannerLogEntry *self)
{
  return self->outcome;
}

ScannerLogKind
scanner_log_entry_get_kind (ScannerLogEntry *self)
{
  return self->kind;
}

gboolean
scanner_log_entry_get_failed (ScannerLogEntry *self)
{
  return self->failed;
}
