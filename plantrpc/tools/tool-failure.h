/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* How far it came. */
typedef enum {
  TOOL_STAGE_NONE,
  TOOL_STAGE_RESOLVING,
  TOOL_STAGE_CONNECTING,
  TOOL_STAGE_HANDSHAKE,
  TOOL_STAGE_CALLING,
  TOOL_STAGE_READING,
  TOOL_STAGE_WRITING,
} ToolStage;

/* What went wrong, for a person or, with --json, a program. */
typedef struct {
  ToolExit      status;
  ToolStage     stage;
  const char   *device; /* (nullable): as the user called it */
  const char   *url;    /* (nullable) */
  const char   *member; /* (nullable) */
  const GError *error;
  const char   *remedy; /* (nullable): instead of the usual one */
} ToolFailure;

ToolExit tool_fail        (Tool               *tool,
                           const ToolFailure  *failure);
ToolExit tool_fail_usage  (Tool               *tool,
                           const char         *format,
                           ...) G_GNUC_PRINTF (2, 3);
ToolExit tool_fail_error  (Tool               *tool,
                           ToolExit            status,
                           const GError       *error);
ToolExit tool_exit_for    (const GError       *error);
void     tool_warn        (Tool               *tool,
                           const char         *format,
                           ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
