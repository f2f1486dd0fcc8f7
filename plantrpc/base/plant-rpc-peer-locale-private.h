/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <locale.h>

G_BEGIN_DECLS

/* What a peer is told must not depend on the language of this side. While one is held, texts made
 * on this thread are those of the source code, those of GLib and of the C library included:
 *
 *   g_auto(PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
 *
 * No code of the application may run meanwhile. */
typedef struct {
  locale_t outer;
} PlantRpcPeerLocale;

PlantRpcPeerLocale plant_rpc_peer_locale_enter (void);
void               plant_rpc_peer_locale_leave (PlantRpcPeerLocale *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcPeerLocale, plant_rpc_peer_locale_leave)

G_END_DECLS
