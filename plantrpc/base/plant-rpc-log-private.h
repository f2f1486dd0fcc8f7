/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Logs a message, as g_log() does, in one line and without anything that a terminal obeys, see
 * plant_rpc_text_escape(): a message may hold texts of peers. What only the caller's mistake can
 * cause is logged with g_critical(). */
void plant_rpc_log (GLogLevelFlags  level,
                    const char     *format,
                    ...) G_GNUC_PRINTF (2, 3);

#define plant_rpc_debug(...)   plant_rpc_log (G_LOG_LEVEL_DEBUG, __VA_ARGS__)
#define plant_rpc_message(...) plant_rpc_log (G_LOG_LEVEL_MESSAGE, __VA_ARGS__)
#define plant_rpc_warning(...) plant_rpc_log (G_LOG_LEVEL_WARNING, __VA_ARGS__)

G_END_DECLS
