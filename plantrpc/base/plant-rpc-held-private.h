/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* For a type whose callbacks may free the object that calls them. The object is made by
 * g_rc_box_new0(), and release() drops the reference of its owner. A function that calls back keeps
 * the object until it returns by g_autoptr (Held) held = g_rc_box_acquire (self). CLEAR (nullable)
 * lets go of what the object owns. A file uses the macro once. */
#define PLANT_RPC_DEFINE_HELD(Type, clear)                                                        \
  typedef Type Held;                                                                              \
                                                                                                  \
  static void                                                                                     \
  release (Held *self)                                                                            \
  {                                                                                               \
    g_rc_box_release_full (self, (GDestroyNotify) (clear));                                       \
  }                                                                                               \
                                                                                                  \
  G_DEFINE_AUTOPTR_CLEANUP_FUNC (Held, release)

G_END_DECLS
