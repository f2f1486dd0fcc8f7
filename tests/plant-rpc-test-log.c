/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-test-log.h"

static GMutex lock;
static GLogLevelFlags expected_level; /* (mutex lock) */
static char *expected_pattern;        /* (mutex lock) (owned) (nullable) */

static const char *
find_message (const GLogField *fields,
              gsize            n_fields)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      if (g_str_equal (fields[i].key, "MESSAGE"))
        return fields[i].value;
    }
  return "";
}

static GLogWriterOutput
write_message (GLogLevelFlags   level,
               const GLogField *fields,
               gsize            n_fields,
               gpointer         user_data)
{
  gboolean matches;

  g_mutex_lock (&lock);
  matches = expected_pattern != NULL && (level & G_LOG_LEVEL_MASK) == expected_level &&
            g_pattern_match_simple (expected_pattern, find_message (fields, n_fields));
  if (matches)
    g_clear_pointer (&expected_pattern, g_free);
  g_mutex_unlock (&lock);

  return matches ? G_LOG_WRITER_HANDLED : g_log_writer_default (level, fields, n_fields, NULL);
}

void
test_log_init (void)
{
  g_log_set_writer_func (write_message, NULL, NULL);
}

void
test_log_expect (GLogLevelFlags  level,
                 const char     *pattern)
{
  g_mutex_lock (&lock);
  g_assert_null (expected_pattern);
  expected_level = level;
  expected_pattern = g_strdup (pattern);
  g_mutex_unlock (&lock);
}

void
test_log_assert_caught (void)
{
  g_autofree char *missing = NULL;

  g_mutex_lock (&lock);
  missing = g_steal_pointer (&expected_pattern);
  g_mutex_unlock (&lock);
  if (missing != NULL)
    g_error ("There was no message “%s”", missing);
}

void
test_log_assert_missing (void)
{
  g_mutex_lock (&lock);
  g_assert_nonnull (expected_pattern);
  g_mutex_unlock (&lock);
}

void
test_log_forget (void)
{
  g_mutex_lock (&lock);
  g_clear_pointer (&expected_pattern, g_free);
  g_mutex_unlock (&lock);
}
