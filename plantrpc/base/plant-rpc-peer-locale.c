/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-peer-locale-private.h"

static locale_t
make_locale (void)
{
  locale_t plain = newlocale (LC_ALL_MASK, "C", (locale_t) 0);
  locale_t unicode;

  /* GLib decides at its first lookup whether it translates at all. That must happen before the C
   * locale is entered, so it is forced here. */
  (void) g_dgettext (GETTEXT_PACKAGE, "");
  if (plain == (locale_t) 0)
    return plain;
  unicode = newlocale (LC_CTYPE_MASK, "C.UTF-8", plain);
  return unicode != (locale_t) 0 ? unicode : plain;
}

/* Without memory for a locale this is (locale_t) 0, which changes nothing. */
static locale_t
get_locale (void)
{
  static locale_t locale;
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      locale = make_locale ();
      g_once_init_leave (&done, 1);
    }
  return locale;
}

PlantRpcPeerLocale
plant_rpc_peer_locale_enter (void)
{
  return (PlantRpcPeerLocale) { uselocale (get_locale ()) };
}

void
plant_rpc_peer_locale_leave (PlantRpcPeerLocale *self)
{
  uselocale (self->outer);
}
