/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-device.h"

G_BEGIN_DECLS

/* A line on the terminal that says how far a call has come. */
typedef struct _ToolProgress ToolProgress;

ToolProgress *tool_progress_new  (ToolDevice   *device,
                                  const char   *method);
void          tool_progress_free (ToolProgress *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolProgress, tool_progress_free)

G_END_DECLS
