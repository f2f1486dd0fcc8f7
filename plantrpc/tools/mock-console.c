/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mock-console.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "mock.h"
#include "tool-failure.h"
#include "tool-value.h"

typedef struct {
  Tool                  *tool;
  PlantRpcInterfaceInfo *info;   /* (owned) */
  GObject               *object; /* (owned) */
  MockStore             *store;  /* (unowned) (nullable) */
  GString               *line;   /* (owned): what has been read of it */
} Console;

static void
console_free (gpointer data)
{
  Console *self = data;

  plant_rpc_interface_info_unref (self->info);
  g_object_unref (self->object);
  g_string_free (self->line, TRUE);
  g_free (self);
}

static gboolean
set (Console     *self,
     const char  *name,
     const char  *text,
     GError     **error)
{
  PlantRpcPropertyInfo *property = plant_rpc_interface_info_lookup_property (self->info, name);
  g_autoptr(GVariant) value = NULL;

  if (property == NULL)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY,
                   _("there is no property “%s”"), name);
      return FALSE;
    }
  value = tool_value_parse_for (property, text, error);
  if (value == NULL ||
      !mock_set_property (self->object, plant_rpc_property_info_get_name (property), value, error))
    return FALSE;
  if (self->store != NULL)
    mock_store_note (self->store, plant_rpc_property_info_get_wire_name (property), value);
  return TRUE;
}

/* The type of an argument, which may be unknown. */
static char *
dup_type (const char *signature,
          guint       index)
{
  const GVariantType *type;

  if (signature == NULL)
    return NULL;
  type = g_variant_type_first (G_VARIANT_TYPE (signature));
  for (guint i = 0; type != NULL && i < index; i++)
    type = g_variant_type_next (type);
  return type != NULL ? g_variant_type_dup_string (type) : NULL;
}

static gboolean
emit (Console     *self,
      const char  *name,
      char       **texts,
      GError     **error)
{
  PlantRpcSignalInfo *signal = plant_rpc_interface_info_lookup_signal (self->info, name);
  g_autoptr(GVariantBuilder) args = g_variant_builder_new (G_VARIANT_TYPE ("av"));

  if (signal == NULL)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                   _("there is no signal “%s”"), name);
      return FALSE;
    }
  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_autofree char *type = dup_type (plant_rpc_signal_info_get_signature (signal), i);
      g_autoptr(GVariant) value = tool_value_parse (texts[i], type, error);

      if (value == NULL)
        return FALSE;
      g_variant_builder_add (args, "v", value);
    }
  return mock_emit (self->object, signal, g_variant_builder_end (args), error);
}

static void
obey (Console *self)
{
  g_auto(GStrv) words = NULL;
  g_autoptr(GError) error = NULL;
  guint n;

  if (!g_shell_parse_argv (self->line->str, NULL, &words, &error))
    {
      if (!g_error_matches (error, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
        tool_warn (self->tool, "%s", error->message);
      return;
    }
  n = g_strv_length (words);
  if (g_str_equal (words[0], "set") && n == 3)
    set (self, words[1], words[2], &error);
  else if (g_str_equal (words[0], "emit") && n >= 2)
    emit (self, words[1], words + 2, &error);
  else
    g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                 _("expected “set PROPERTY VALUE” or “emit SIGNAL ARGUMENT…”, got “%s”"),
                 self->line->str);
  if (error != NULL)
    tool_warn (self->tool, "%s", error->message);
}

/* In the background the terminal belongs to somebody else: to read from it stops the process. */
static gboolean
is_ours (int fd)
{
  return !isatty (fd) || tcgetpgrp (fd) == getpgrp ();
}

static gboolean
on_readable (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  Console *self = user_data;
  char buffer[512];
  gssize n = is_ours (fd) ? read (fd, buffer, sizeof buffer) : 0;

  for (gssize i = 0; i < n; i++)
    {
      if (buffer[i] != '\n')
        {
          g_string_append_c (self->line, buffer[i]);
          continue;
        }
      obey (self);
      g_string_truncate (self->line, 0);
    }
  return n > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
mock_console_open (Tool                  *tool,
                   PlantRpcInterfaceInfo *info,
                   GObject               *object,
                   MockStore             *store)
{
  Console *self = g_new0 (Console, 1);

  self->tool = tool;
  self->info = plant_rpc_interface_info_ref (info);
  self->object = g_object_ref (object);
  self->store = store;
  self->line = g_string_new (NULL);
  g_unix_fd_add_full (G_PRIORITY_DEFAULT, STDIN_FILENO, G_IO_IN | G_IO_HUP, on_readable, self,
                      console_free);
}
