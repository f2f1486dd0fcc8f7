/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

extern const ToolCommand command_list;
extern const ToolCommand command_watch;
extern const ToolCommand command_info;
extern const ToolCommand command_get;
extern const ToolCommand command_set;
extern const ToolCommand command_call;
extern const ToolCommand command_monitor;
extern const ToolCommand command_wait;
extern const ToolCommand command_ping;
extern const ToolCommand command_serve;
extern const ToolCommand command_relay;
extern const ToolCommand command_registry;
extern const ToolCommand command_fault;
extern const ToolCommand command_keys;
extern const ToolCommand command_invite;
extern const ToolCommand command_pair;
extern const ToolCommand command_help;
extern const ToolCommand command_complete;

/* In the order in which they are shown, up to NULL. Those without a summary are not. */
const ToolCommand *const *commands_list      (void);
const ToolCommand        *commands_find      (const char         *name);

/* The options that each command has, and how a command line is taken apart. */
const GOptionEntry       *options_get_common (void);
const GOptionEntry       *options_find_before (const ToolCommand *command, const char *word);
GOptionContext           *options_new        (const ToolCommand  *command);
gboolean                  options_parse      (Tool               *tool,
                                              const ToolCommand  *command,
                                              char             ***arguments,
                                              GError            **error);

G_END_DECLS
