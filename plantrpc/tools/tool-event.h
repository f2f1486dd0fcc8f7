/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-terminal.h"
#include "tool.h"

G_BEGIN_DECLS

/* One line of a stream of things that happen. */
typedef struct {
  const char *event; /* what happens, as “added” */
  ToolStyle   style;
  const char *name;  /* (nullable): to whom */
  const char *text;  /* (nullable): more, for people */
  gboolean    whole; /* TEXT is never cut, since it is copied */
  const char *key;   /* (nullable): what VALUE is called, for programs */
  GVariant   *value; /* (nullable): of any type, sunk; without KEY an a{sv} whose members
                        are taken */
} ToolEvent;

void      tool_event_print           (Tool             *tool,
                                      const ToolEvent  *event);
void      tool_event_print_device    (Tool             *tool,
                                      const char       *what,
                                      ToolStyle         style,
                                      PlantRpcDevice   *device);
GVariant *tool_event_describe_device (PlantRpcDevice   *device);

/* Ends the process as a closed pipe does when there is nobody left to read. */
void      tool_event_follow_stdout   (void);

G_END_DECLS
