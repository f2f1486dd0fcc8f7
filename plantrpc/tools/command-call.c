/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "commands.h"
#include "tool-json-layout.h"
#include "tool-json.h"
#include "tool-progress.h"
#include "tool-signature.h"
#include "tool-terminal.h"
#include "tool-value.h"

#define MAX_ARGUMENTS 1000

static char *output;

/* Where a buffer goes. It is opened before the call, which may take long, and written after it. */
typedef struct {
  const char *path;    /* (unowned) (nullable): NULL for standard output */
  int         fd;
  gboolean    created; /* by this */
} Sink;

static ToolExit
fail_errno (Tool       *tool,
            const char *path,
            int         code)
{
  g_autoptr (GError) error =
      g_error_new (G_FILE_ERROR, (int) g_file_error_from_errno (code), "%s: %s",
                   path != NULL ? path : _("standard output"), g_strerror (code));

  return tool_fail_error (tool, TOOL_EXIT_FAILED, error);
}

static ToolExit
open_sink (Tool *tool,
           Sink *sink)
{
  sink->fd = STDOUT_FILENO;
  if (output == NULL && tool->json)
    return tool_fail_usage (tool, _("the method returns a buffer: say where with --output FILE"));
  if (output == NULL && tool_terminal_is (stdout))
    return tool_fail_usage (tool, _("the method returns a buffer, which is not for a terminal: say "
                                    "where with --output FILE, or “--output -”"));
  if (output == NULL || g_str_equal (output, "-"))
    return TOOL_EXIT_OK;
  sink->path = output;
  sink->fd = g_open (output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  sink->created = sink->fd >= 0;
  if (sink->fd < 0 && errno == EEXIST)
    sink->fd = g_open (output, O_WRONLY | O_CLOEXEC, 0);
  return sink->fd >= 0 ? TOOL_EXIT_OK : fail_errno (tool, output, errno);
}

static void
close_sink (Sink     *sink,
            gboolean  keep)
{
  if (sink->path == NULL)
    return;
  if (sink->fd >= 0)
    close (sink->fd);
  if (sink->created && !keep)
    g_unlink (sink->path);
}

static gboolean
write_all (int           fd,
           const guint8 *data,
           gsize         size)
{
  while (size > 0)
    {
      gssize n = write (fd, data, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      data += n;
      size -= (gsize) n;
    }
  return TRUE;
}

static void
tell_buffer (Tool     *tool,
             Sink     *sink,
             gsize     size,
             GVariant *info)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *size_text = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *info_text = tool_json_print_value (info);
  g_autofree char *json = NULL;

  if (sink->path == NULL)
    return;
  if (!tool->json)
    {
      g_autofree char *path = plant_rpc_text_escape (sink->path);

      tool_print ("%s  %s  %s\n", path, size_text, info_text);
      return;
    }
  g_variant_builder_add (&builder, "{sv}", "file", tool_json_string (sink->path));
  g_variant_builder_add (&builder, "{sv}", "size", g_variant_new_uint64 (size));
  g_variant_builder_add (&builder, "{sv}", "info", info);
  json = tool_json_print (g_variant_builder_end (&builder));
  tool_print ("%s\n", json);
}

static ToolExit
write_buffer (Tool     *tool,
              Sink     *sink,
              GBytes   *buffer,
              GVariant *info)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (buffer, &size);

  /* What cannot be cut, as a pipe, need not be. */
  if (sink->path != NULL && ftruncate (sink->fd, 0) != 0 && errno != EINVAL)
    return fail_errno (tool, sink->path, errno);
  if (!write_all (sink->fd, data, size))
    return fail_errno (tool, sink->path, errno);
  tell_buffer (tool, sink, size, info);
  return TOOL_EXIT_OK;
}

/* What a call is made of. */
typedef struct {
  Tool               *tool;
  ToolDevice         *device; /* (unowned) */
  PlantRpcMethodInfo *method; /* (unowned) */
  GVariant           *args;   /* (owned) */
  GVariant           *kwargs; /* (owned) */
} Call;

static ToolExit
call_buffer (Call *call)
{
  PlantRpcClient *client = call->device->client;
  const char *name = plant_rpc_method_info_get_name (call->method);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) buffer = NULL;
  g_autoptr (GVariant) info = NULL;
  g_autoptr (GError) error = NULL;
  Sink sink = { 0 };
  ToolExit status = open_sink (call->tool, &sink);

  if (status != TOOL_EXIT_OK)
    return status;
  {
    g_autoptr (ToolProgress) progress = tool_progress_new (call->device, name);

    plant_rpc_client_call_buffer (client, name, call->args, call->kwargs,
                                  tool_get_time (call->tool, PLANT_RPC_TIMEOUT_FROM_SERVER),
                                  call->tool->cancellable, tool_take_result, &result);
    tool_await (&result);
  }
  buffer = plant_rpc_client_call_buffer_finish (client, result, &info, &error);
  status = buffer != NULL ? write_buffer (call->tool, &sink, buffer, info)
                          : tool_device_fail (call->tool, call->device, name, error);
  close_sink (&sink, status == TOOL_EXIT_OK);
  return status;
}

static gboolean
is_nothing (GVariant *value)
{
  g_autoptr (GVariant) inner = tool_value_unbox (value);

  return g_variant_is_of_type (inner, G_VARIANT_TYPE_UNIT) ||
         g_variant_is_of_type (inner, G_VARIANT_TYPE_MAYBE);
}

static void
print_value (Tool     *tool,
             GVariant *value)
{
  g_autofree char *json = tool_json_print_value (value);
  g_autofree char *raw = tool_value_print (value);
  g_autofree char *text = NULL;

  if (tool->json)
    {
      tool_print ("%s\n", g_variant_is_of_type (value, G_VARIANT_TYPE_UNIT) ? "null" : json);
      return;
    }
  if (is_nothing (value))
    return;
  if (!tool_terminal_is (stdout))
    text = g_steal_pointer (&raw);
  else if (*json == '{' || *json == '[')
    text = tool_json_lay_out (raw);
  else
    text = plant_rpc_text_escape (raw);
  tool_print ("%s\n", text);
}

static ToolExit
call_json (Call *call)
{
  PlantRpcClient *client = call->device->client;
  const char *name = plant_rpc_method_info_get_name (call->method);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  {
    g_autoptr (ToolProgress) progress = tool_progress_new (call->device, name);

    plant_rpc_client_call (client, name, call->args, call->kwargs,
                           tool_get_time (call->tool, PLANT_RPC_TIMEOUT_FROM_SERVER),
                           call->tool->cancellable, tool_take_result, &result);
    tool_await (&result);
  }
  value = plant_rpc_client_call_finish (client, result, &error);
  if (value == NULL)
    return tool_device_fail (call->tool, call->device, name, error);
  print_value (call->tool, value);
  return TOOL_EXIT_OK;
}

static ToolExit
call_method (Tool        *tool,
             ToolDevice  *device,
             const char  *name,
             char       **texts)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (device);
  PlantRpcMethodInfo *method = plant_rpc_interface_info_lookup_method (info, name);
  g_autoptr (GVariant) args = NULL;
  g_autoptr (GVariant) kwargs = NULL;
  g_autoptr (GError) error = NULL;
  Call call = { .tool = tool, .device = device, .method = method };

  if (method == NULL)
    {
      g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_METHOD,
                   _("there is no such method"));
      return tool_device_fail (tool, device, name, error);
    }
  if (!tool_signature_bind (method, texts, &args, &kwargs, &error))
    {
      const ToolFailure failure = { .status = TOOL_EXIT_USAGE, .device = device->label,
                                    .url = device->url, .member = name, .error = error };

      return tool_fail (tool, &failure);
    }
  call.args = args;
  call.kwargs = kwargs;
  return plant_rpc_method_info_get_buffer (method) ? call_buffer (&call) : call_json (&call);
}

static ToolExit
run_call (Tool  *tool,
          char **arguments)
{
  g_autoptr (ToolDevice) device = tool_device_open (tool, arguments[0]);

  if (device == NULL)
    return tool->status;
  return call_method (tool, device, arguments[1], arguments + 2);
}

static const GOptionEntry call_options[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
    N_("Write the buffer to this file; - is standard output"), N_("FILE") },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_call = {
  .name = "call",
  .synopsis = N_("DEVICE METHOD [ARGUMENT | NAME=ARGUMENT]…"),
  .summary = N_("call a method"),
  .description = N_("Arguments are given by position or by name. An argument is read as text if "
                    "its\nparameter is text or if it is not JSON, and otherwise as JSON. What "
                    "begins like\nJSON must be valid. Without --timeout the command waits for the "
                    "answer as long\nas the device asks for. Ctrl-C cancels the call."),
  .entries = call_options,
  .n_min = 2,
  .n_max = MAX_ARGUMENTS,
  .arguments = { TOOL_ARGUMENT_DEVICE, TOOL_ARGUMENT_METHOD, TOOL_ARGUMENT_PARAMETER },
  .run = run_call,
};
