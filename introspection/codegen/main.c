/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "c.h"
#include "plant-rpc-names-private.h"
#include "plantrpc/tools/tool-json-layout.h"
#include "text.h"
#include "vala.h"

#define EXIT_USAGE 2
#define PATIENCE 5000 /* in ms */

static char *c_namespace;
static char *interface_name;
static char *generate_c_code;
static char *output;
static gboolean want_header;
static gboolean want_body;
static gboolean want_vala;
static gboolean want_json;
static gboolean want_version;
static int patience = PATIENCE;
static char **sources;

static GOptionEntry entries[] = {
  { "c-namespace", 0, 0, G_OPTION_ARG_STRING, &c_namespace,
    N_("The namespace of the generated code, in C as in Vala"), N_("NAMESPACE") },
  { "interface-name", 0, 0, G_OPTION_ARG_STRING, &interface_name,
    N_("What a device of this kind is called (from the name of the file, or of the device)"),
    N_("NAME") },
  { "generate-c-code", 0, 0, G_OPTION_ARG_FILENAME, &generate_c_code,
    N_("Write OUTFILES.h and OUTFILES.c"), N_("OUTFILES") },
  { "header", 0, 0, G_OPTION_ARG_NONE, &want_header, N_("Write the C header"), NULL },
  { "body", 0, 0, G_OPTION_ARG_NONE, &want_body, N_("Write the C source"), NULL },
  { "vala", 0, 0, G_OPTION_ARG_NONE, &want_vala, N_("Write Vala"), NULL },
  { "json", 0, 0, G_OPTION_ARG_NONE, &want_json,
    N_("Write the interface itself, as a file of JSON"), NULL },
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
    N_("Write to FILE (the standard output); what --body writes includes FILE with the ending .h"),
    N_("FILE") },
  { "timeout", 0, 0, G_OPTION_ARG_INT, &patience,
    N_("Wait so long for a device (5000)"), N_("MS") },
  { "version", 0, 0, G_OPTION_ARG_NONE, &want_version, N_("Print the version"), NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &sources, NULL, N_("FILE|URL") },
  { NULL },
};

static const char *const summary =
  N_("Generates typed clients and servers, in C or Vala, from an interface.\n"
     "\n"
     "FILE holds the interface as JSON; a URL, such as tcp://pi-cam-1:5000, is where a\n"
     "device is that has it.");

static const char *const description =
  N_("Examples:\n"
     "  plantrpc-codegen --c-namespace Lab --generate-c-code camera camera.json\n"
     "  plantrpc-codegen --c-namespace Lab --vala --output camera.vala camera.json\n"
     "  plantrpc-codegen --json --output camera.json tcp://pi-cam-1:5000\n"
     "\n"
     "The exit status is 0, 1 if the interface cannot be read or used, 2 for a wrong command "
     "line.\n");

static const char *
get_mistake (void)
{
  int n_forms = want_header + want_body + want_vala + want_json + (generate_c_code != NULL);

  if (sources == NULL)
    return _("an interface file or the URL of a device is needed");
  if (sources[1] != NULL)
    return _("only one interface is taken");
  if (n_forms != 1)
    return _("one of --generate-c-code, --header, --body, --vala, --json is needed");
  if (c_namespace == NULL && !want_vala && !want_json)
    return _("C needs a --c-namespace");
  if (generate_c_code != NULL && output != NULL)
    return _("--output does not go with --generate-c-code");
  if (want_body && (output == NULL || !g_str_has_suffix (output, ".c")))
    return _("--body needs an --output that ends in .c");
  if (patience <= 0)
    return _("--timeout is to be positive");
  return NULL;
}

/* The name of a device may have any characters. */
static void
set_name (const char *name)
{
  if (interface_name == NULL)
    interface_name = g_strcanon (g_strdup (name != NULL ? name : ""),
                                 G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS, '_');
}

static PlantRpcInterfaceInfo *
read_device (const char  *url,
             GError     **error)
{
  g_autoptr (PlantRpcClient) client = plant_rpc_client_discover_sync (url, patience, NULL, error);

  if (client == NULL)
    return NULL;
  set_name (plant_rpc_client_get_name (client));
  return plant_rpc_interface_info_ref (plant_rpc_client_get_interface (client));
}

static PlantRpcInterfaceInfo *
read_file (const char  *path,
           GError     **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autofree char *name = g_path_get_basename (path);
  char *dot = strchr (name, '.');
  g_autoptr (GError) failure = NULL;
  PlantRpcInterfaceInfo *info;

  if (dot != NULL)
    *dot = '\0';
  set_name (name);
  info = plant_rpc_interface_info_new_from_file (file, &failure);
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 _("“%s” is neither a file nor a URL: give an interface file, or where a device "
                   "is, as tcp://HOST:PORT"), path);
  else if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return info;
}

static gboolean
write_text (const char  *path,
            const char  *text,
            GError     **error)
{
  if (path != NULL)
    return g_file_set_contents (path, text, -1, error);
  g_print ("%s", text);
  return TRUE;
}

static gboolean
write_c (Model   *model,
         GError **error)
{
  g_autofree char *stem = g_strdup (generate_c_code != NULL ? generate_c_code : output);
  g_autofree char *base = NULL;
  g_autofree char *include = NULL;
  g_autofree char *header = NULL;
  g_autofree char *source = NULL;
  g_autofree char *header_path = NULL;
  g_autofree char *source_path = NULL;

  if (want_body)
    stem[strlen (stem) - strlen (".c")] = '\0';
  base = g_path_get_basename (stem != NULL ? stem : "");
  include = g_strconcat (base, ".h", NULL);
  c_write (model, include, &header, &source);
  if (want_header || want_body)
    return write_text (output, want_header ? header : source, error);
  header_path = g_strconcat (stem, ".h", NULL);
  source_path = g_strconcat (stem, ".c", NULL);
  return write_text (header_path, header, error) && write_text (source_path, source, error);
}

static gboolean
generate (GError **error)
{
  gboolean live = strstr (sources[0], "://") != NULL && !g_str_has_prefix (sources[0], "file:");
  g_autoptr (PlantRpcInterfaceInfo) info =
    live ? read_device (sources[0], error) : read_file (sources[0], error);
  g_autoptr (Model) model = NULL;
  g_autofree char *text = NULL;

  if (info == NULL)
    return FALSE;
  if (want_json)
    {
      g_autofree char *json = plant_rpc_interface_info_to_json (info);
      g_autofree char *laid_out = tool_json_lay_out (json);
      g_autofree char *escaped = tool_json_escape (laid_out);

      text = g_strconcat (escaped, "\n", NULL);
      return write_text (output, text, error);
    }
  if (*interface_name == '\0')
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("%s tells no name: --interface-name is needed"), sources[0]);
      return FALSE;
    }
  model = model_new (info, c_namespace, interface_name, want_vala, error);
  if (model == NULL)
    {
      g_prefix_error (error, "%s: ", sources[0]);
      return FALSE;
    }
  if (!want_vala)
    return write_c (model, error);
  text = vala_write (model);
  return write_text (output, text, error);
}

/* What went wrong may be told in the words of a device. */
static void
complain (const char *message)
{
  g_autofree char *shown = plant_rpc_text_escape (message);

  g_printerr ("%s: %s\n", g_get_prgname (), shown);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  plant_rpc_names_set_parent_type (plant_rpc_client_get_type);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, &argc, &argv, &error) ||
      (!want_version && get_mistake () != NULL))
    {
      complain (error != NULL ? error->message : get_mistake ());
      return EXIT_USAGE;
    }
  if (want_version)
    {
      g_print ("%s %s\n", g_get_prgname (), PACKAGE_VERSION);
      return EXIT_SUCCESS;
    }
  if (generate (&error))
    return EXIT_SUCCESS;
  complain (error->message);
  return EXIT_FAILURE;
}
