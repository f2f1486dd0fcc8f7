/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <locale.h>

G_BEGIN_DECLS

/* While a PlantRpcPeerLocale is held, texts that are made on this thread stay untranslated, also
 * those of GLib and of the C library, so that a peer's text does not depend on this user's
 * language. No code of the application may run meanwhile:
 *
 *   g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter (); */
typedef struct {
  locale_t outer;
} PlantRpcPeerLocale;

PlantRpcPeerLocale plant_rpc_peer_locale_enter (void);
void               plant_rpc_peer_locale_leave (PlantRpcPeerLocale *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcPeerLocale, plant_rpc_peer_locale_leave)

G_END_DECLS
