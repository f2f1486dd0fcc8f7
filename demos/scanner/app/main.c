/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Watches and runs the devices of a plant scanner. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <locale.h>

#include "application.h"

int
main (int    argc,
      char **argv)
{
  g_autoptr (ScannerApplication) application = NULL;

  setlocale (LC_ALL, "");
  textdomain (GETTEXT_PACKAGE);

  /* Each has its own devices: started a second time it is another application. */
  application = scanner_application_new (G_APPLICATION_NON_UNIQUE);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
