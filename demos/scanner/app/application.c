/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "application.h"
#include "window.h"

struct _ScannerApplication
{
  AdwApplication parent_instance;

  ScannerRoster    *roster;   /* (owned) */
  PlantRpcRegistry *registry; /* (owned) (nullable): the one that this application keeps */
};

G_DEFINE_FINAL_TYPE (ScannerApplication, scanner_application, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] = {
  { "registry", 'R', 0, G_OPTION_ARG_STRING, NULL,
    N_("Show the devices of the registry at URL"), N_("URL") },
  { "keep-registry", 'k', 0, G_OPTION_ARG_STRING, NULL,
    N_("Keep a registry at URL, and show its devices"), N_("URL") },
  { "connect", 'c', 0, G_OPTION_ARG_STRING_ARRAY, NULL, N_("Show the device at URL"), N_("URL") },
  { NULL },
};

static gboolean
keep_registry (ScannerApplication *self,
               const char         *url,
               GError            **error)
{
  self->registry = plant_rpc_registry_new (url);
  return plant_rpc_registry_start (self->registry, error);
}

static int
scanner_application_handle_local_options (GApplication *application,
                                          GVariantDict *given)
{
  ScannerApplication *self = SCANNER_APPLICATION (application);
  const char *registry_url = PLANT_RPC_REGISTRY_URL;
  const char *own_url;
  g_autofree const char **urls = NULL;
  g_autoptr (GError) error = NULL;

  g_variant_dict_lookup (given, "registry", "&s", &registry_url);
  g_variant_dict_lookup (given, "connect", "^a&s", &urls);
  if (g_variant_dict_lookup (given, "keep-registry", "&s", &own_url))
    {
      if (!keep_registry (self, own_url, &error))
        {
          g_printerr ("%s: %s\n", g_get_prgname (), error->message);
          return 1;
        }
      registry_url = plant_rpc_registry_get_url (self->registry);
    }
  scanner_roster_set_registry (self->roster, registry_url);
  for (guint i = 0; urls != NULL && urls[i] != NULL; i++)
    scanner_roster_connect (self->roster, urls[i]);
  return -1;
}

static void
show_about (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       application)
{
  adw_show_about_window (gtk_application_get_active_window (application),
                         "application-name", _("Scanner"),
                         "application-icon", "org.plantrpc.Scanner",
                         "developer-name", _("The plantrpc project"),
                         "version", PACKAGE_VERSION,
                         "license-type", GTK_LICENSE_LGPL_2_1,
                         "comments", _("Watches and runs the cameras and controllers of a plant "
                                       "scanner, over plantrpc."),
                         NULL);
}

static void
quit (GSimpleAction *action,
      GVariant      *parameter,
      gpointer       application)
{
  g_application_quit (application);
}

static void
scanner_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = {
    { "about", show_about },
    { "quit", quit },
  };
  static const struct
  {
    const char *action;
    const char *keys[2];
  } shortcuts[] = {
    { "app.quit", { "<Control>q" } },
    { "win.connect", { "<Control>n" } },
    { "win.back", { "<Alt>Left" } },
    { "win.hold", { "<Control>space" } },
    { "win.show-page::camera", { "<Alt>1" } },
    { "win.show-page::scan", { "<Alt>2" } },
    { "win.show-page::properties", { "<Alt>3" } },
    { "win.show-page::log", { "<Alt>4" } },
    { "window.close", { "<Control>w" } },
  };

  G_APPLICATION_CLASS (scanner_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), shortcuts[i].action,
                                           (const char *const *) shortcuts[i].keys);
}

static void
scanner_application_activate (GApplication *application)
{
  ScannerApplication *self = SCANNER_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL)
    window = scanner_window_new (ADW_APPLICATION (self), self->roster);
  gtk_window_present (window);
}

/* Links of invitations, from a browser or a mail. */
static void
scanner_application_open (GApplication  *application,
                          GFile        **files,
                          int            n_files,
                          const char    *hint)
{
  g_application_activate (application);
  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *uri = g_file_get_uri (files[i]);

      gtk_widget_activate_action (
        GTK_WIDGET (gtk_application_get_active_window (GTK_APPLICATION (application))),
        "win.connect-to", "s", uri);
    }
}

static void
scanner_application_finalize (GObject *object)
{
  ScannerApplication *self = SCANNER_APPLICATION (object);

  g_clear_object (&self->roster);
  g_clear_object (&self->registry);
  G_OBJECT_CLASS (scanner_application_parent_class)->finalize (object);
}

static void
scanner_application_class_init (ScannerApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = scanner_application_finalize;
  application_class->handle_local_options = scanner_application_handle_local_options;
  application_class->startup = scanner_application_startup;
  application_class->activate = scanner_application_activate;
  application_class->open = scanner_application_open;
}

static void
scanner_application_init (ScannerApplication *self)
{
  g_autoptr (ScannerLog) log = scanner_log_new ();

  self->roster = scanner_roster_new (log);
  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

ScannerApplication *
scanner_application_new (GApplicationFlags flags)
{
  return g_object_new (SCANNER_TYPE_APPLICATION, "application-id", "org.plantrpc.Scanner",
                       "flags", flags | G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                       "/org/plantrpc/Scanner", NULL);
}

ScannerRoster *
scanner_application_get_roster (ScannerApplication *self)
{
  return self->roster;
}
