/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* "video-url" to "video_url"; "video-url-changed" to "videoUrlChanged". */
char     *plant_rpc_names_property_to_wire   (const char  *name);
char     *plant_rpc_names_signal_to_wire     (const char  *name);

/* "video_url", "videoUrl" and "VideoURL" to "video-url", with "remote-" in front of a name that
 * would hide a member of GObject or of the client. NULL with PLANT_RPC_ERROR_PROTOCOL for a name
 * that no GObject can carry: empty, too long, not ASCII, not starting with a letter, other
 * characters, two separators in a row. */
char     *plant_rpc_names_from_wire          (const char  *wire_name,
                                              GError     **error);

/* The same without "remote-". */
char     *plant_rpc_names_derive             (const char  *wire_name,
                                              GError     **error);

/* NAME, with "remote-" in front where it is reserved. */
char     *plant_rpc_names_protect            (const char  *name);

/* Whether NAME may become the name of a GObject property and of a signal. */
gboolean  plant_rpc_names_is_valid           (const char  *name);

/* Whether a method of this name may travel: any non-empty UTF-8 of bounded length. */
gboolean  plant_rpc_names_is_method          (const char  *wire_name);

/* "video_url" to "videoUrlChanged": the signal that tells its changes. */
char     *plant_rpc_names_change_signal      (const char  *property_wire_name);

/* Names the class that gets the members of interfaces, so that none of them hides a property or
 * signal of it. The client calls this when the library is loaded. */
void      plant_rpc_names_set_parent_type    (GType      (*get_type) (void));

/* Whether NAME, as GObject spells it, is taken by GObject, a language binding or the client. */
gboolean  plant_rpc_names_is_reserved        (const char  *name);

/* A name from a peer for use in a message: short, printable, valid UTF-8. */
char     *plant_rpc_names_quote              (const char  *name);

G_END_DECLS
