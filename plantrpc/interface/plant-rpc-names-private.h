/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Return the name on the wire: "video_url" for the property "video-url", and "videoUrlChanged" for
 * the signal "video-url-changed". */
char     *plant_rpc_names_property_to_wire   (const char  *name);
char     *plant_rpc_names_signal_to_wire     (const char  *name);

/* Returns the GObject name: "video-url" for "video_url", "videoUrl" and "VideoURL", with "remote-"
 * in front if it would hide a member of GObject or of the client. Fails with
 * PLANT_RPC_ERROR_PROTOCOL for a name that no GObject can have: empty, too long, not starting with
 * a letter, with other characters than ASCII letters, digits and separators, or with two separators
 * in a row. */
char     *plant_rpc_names_from_wire          (const char  *wire_name,
                                              GError     **error);

/* The same, but for a name that no GObject can have it returns one of the letters and digits in it,
 * such as "member-t" for "été". Fails for a name that cannot travel: one that is empty, too long or
 * no UTF-8. */
char     *plant_rpc_names_from_any           (const char  *wire_name,
                                              GError     **error);

/* Returns the GObject name without "remote-". */
char     *plant_rpc_names_derive             (const char  *wire_name,
                                              GError     **error);

/* Returns NAME, with "remote-" in front if it is reserved. */
char     *plant_rpc_names_protect            (const char  *name);

/* Returns whether NAME may be the name of a GObject property and of a signal. */
gboolean  plant_rpc_names_is_valid           (const char  *name);

/* Returns whether a method may have that name on the wire: any UTF-8 text that is neither empty nor
 * longer than PLANT_RPC_MAX_NAME_LENGTH. */
gboolean  plant_rpc_names_is_method          (const char  *wire_name);

/* Return the name on the wire of the signal that tells the changes of a property: the usual one,
 * "videoUrlChanged" for "video_url", and the one for a property that shares that with another:
 * "video_urlChanged", or "video_urlChanged2" if NTH is 2. */
char     *plant_rpc_names_change_signal      (const char  *property_wire_name);
char     *plant_rpc_names_own_change_signal  (const char  *property_wire_name,
                                              guint        nth);
/* Returns the GObject name of such a signal: "video-url-changed" for "video-url". */
char     *plant_rpc_names_changed            (const char  *property_name);

/* Sets the class that gets the members of interfaces. No member may hide a property or signal of
 * it. The client calls this when the library is loaded. */
void      plant_rpc_names_set_parent_type    (GType      (*get_type) (void));

/* Returns whether NAME, as GObject spells it, is used by GObject, a language binding or the
 * client. */
gboolean  plant_rpc_names_is_reserved        (const char  *name);

/* Returns a peer's name for a message: in quotes, shortened, printable, and valid UTF-8. */
char     *plant_rpc_names_quote              (const char  *name);

G_END_DECLS
