/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "commands.h"

const ToolCommand *const *
commands_list (void)
{
  static const ToolCommand *const all[] = {
    &command_list,  &command_watch, &command_info, &command_get,      &command_set,
    &command_call,  &command_monitor, &command_wait, &command_ping,   &command_serve,
    &command_relay, &command_registry, &command_fault, &command_keys, &command_invite,
    &command_pair,  &command_help,  &command_complete, NULL,
  };

  return all;
}

const ToolCommand *
commands_find (const char *name)
{
  const ToolCommand *const *all = commands_list ();

  for (guint i = 0; all[i] != NULL; i++)
    {
      if (g_str_equal (all[i]->name, name))
        return all[i];
    }
  return NULL;
}
