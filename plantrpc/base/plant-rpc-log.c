/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-log-private.h"

#include <stdarg.h>

#include "plant-rpc-text.h"

void
plant_rpc_log (GLogLevelFlags  level,
               const char     *format,
               ...)
{
  g_autofree char *text = NULL;
  g_autofree char *shown = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  shown = plant_rpc_text_escape (text);
  g_log_structured (G_LOG_DOMAIN, level, "MESSAGE", "%s", shown);
}
